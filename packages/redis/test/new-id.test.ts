import { expect, test } from 'vitest'

import { newId } from '../src/new-id.ts'

test('no id comes twice', () => {
  const ids = Array.from({ length: 10_000 }, newId)
  expect(new Set(ids).size).toBe(10_000)
  for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/)
})
