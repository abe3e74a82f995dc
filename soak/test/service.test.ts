import { expect, test } from 'vitest'
import { service } from '../src/service.ts'
import { describe } from '../src/summary.ts'

test('twenty seconds of a service on a busy machine answer nothing that is too old', { timeout: 180_000 }, async () => {
  const result = await service({ seconds: 20, seed: 5, share: 0.3 })
  expect(describe(result)).toEqual([])
  for (const done of ['answers checked', 'writes', 'loads']) {
    expect(result.counts[done], done).toBeGreaterThan(0)
  }
})

test('writes that are answered and not made are found out', { timeout: 180_000 }, async () => {
  const { violations } = await service({ seconds: 5, seed: 6, share: 0, isSabotaged: true })
  expect(violations.some(({ reader, floor }) => floor?.by === reader.id)).toBe(true)
  expect(violations.some(({ reader, floor }) => floor !== undefined && floor.by !== reader.id)).toBe(true)
})
