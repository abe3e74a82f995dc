import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createBatch } from '../src/batch.ts'

const VALUE = 65_536

/** Reads so many values, each of `bytes`, in one turn; gives how many names went in each command. */
function reader(bytes: () => number, clock = fakeClock()) {
  const sent: number[] = []
  const read = createBatch(
    async (names) => {
      sent.push(names.length)
      return names.map((name) => new Uint8Array(name.startsWith('tag') ? 30 : bytes()))
    },
    { isValue: (name) => !name.startsWith('tag'), clock },
  )
  return async (count: number): Promise<readonly number[]> => {
    await Promise.all(Array.from({ length: count }, (_, i) => read([`entry ${i}`, 'tag'])))
    return sent.splice(0)
  }
}

test('few names go in one command, whatever the size of values was until now: an answer is a sign of life', async () => {
  let bytes = 200
  const read = reader(() => bytes)
  for (const size of [200, VALUE]) {
    bytes = size
    for (const names of await read(128)) expect(names).toBeLessThanOrEqual(40)
  }
})

test('one reply holds one value of 64 kB, or many small ones', async () => {
  const [large, small] = [reader(() => VALUE), reader(() => 200)]
  for (const read of [large, small]) await read(1)
  expect(await large(3)).toEqual([2, 2, 2])
  expect(await small(31)).toEqual([32])
})

test('the largest value of late says how many go in one command, however many small ones were read since', async () => {
  const clock = fakeClock()
  let bytes = 300_000
  const read = reader(() => bytes, clock)
  await read(1)
  bytes = 200
  for (let i = 0; i < 100; i++) await read(1)
  // the entry and the tag
  for (const names of await read(64)) expect(names).toBeLessThanOrEqual(2)
  for (const _ of ['still known', 'forgotten']) {
    clock.advance(30_000)
    await read(1)
  }
  expect(await read(31)).toEqual([32])
})
