import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createWaits } from '../src/waits.ts'

test('the leases of all keys that somebody waits for are asked for at once', async () => {
  const clock = fakeClock()
  const asked: (readonly string[])[] = []
  let left = 1000
  const waits = createWaits(clock, (keys) => {
    asked.push(keys)
    return keys.map(() => left)
  })
  const keys = ['one', 'two', 'three']
  const all = [...keys, 'one'].map((key) => waits.settled(key, 5000))
  asked.length = 0
  waits.look()
  expect(asked).toEqual([keys])
  waits.look(['two', 'nobody waits for it'])
  expect(asked[1]).toEqual(['two'])
  left = 0
  waits.look()
  await Promise.all(all)
  expect(waits.isEmpty()).toBe(true)
  expect(clock.pending()).toBe(0)
})
