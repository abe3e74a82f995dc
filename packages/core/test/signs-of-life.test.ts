import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { expect, test } from 'vitest'

import { executesLate, faults, faultyStore, pass } from './faulty-store.ts'

/** As many as wait for each other. */
const CROWD = 40
/** Several write budgets. */
const LATE = 2500

function setUp() {
  const clock = fakeClock()
  const { store, fail } = faultyStore(createReferenceServer({ clock }).connect({ clock }))
  const hearing = new Set<(node: string) => void>()
  function onAnswer(heard: (node: string) => void): () => void {
    hearing.add(heard)
    return () => void hearing.delete(heard)
  }
  const cache = createCache({ namespace: 'signs-of-life', store: { ...store, onAnswer }, clock })
  fail(executesLate(clock, LATE), ['put'])
  const heard = (): void => {
    for (const tell of hearing) tell('')
  }
  return { clock, cache, heard, hearing }
}

test.each([
  { says: 'something in the middle of what it was asked', isHeard: true, outcome: 'done' },
  { says: 'nothing', isHeard: false, outcome: 'queued' },
])('a store that says $says: sets that take long are $outcome', async ({ isHeard, outcome }) => {
  const { clock, cache, heard, hearing } = setUp()
  const sets = Promise.all(Array.from({ length: CROWD }, (_, i) => cache.set(`key ${i}`, i)))
  for (let passed = 0; passed <= LATE; passed += 100) {
    await pass(clock, 100)
    if (isHeard) heard()
  }
  expect(new Set((await sets).map(({ remote }) => remote))).toEqual(new Set([outcome]))
  const closed = cache.close()
  await pass(clock, LATE)
  await closed
  expect(hearing.size).toBe(0)
})

test('a command that is lost while others are answered that were sent after it says nothing about the store', async () => {
  const clock = fakeClock()
  const { store, fail, heal } = faultyStore(createReferenceServer({ clock }).connect({ clock }))
  const cache = createCache({ namespace: 'lost', store, clock })
  const seen: unknown[] = []
  cache.on('breaker', (event) => void seen.push(event))
  await cache.set('stored', 1)
  fail(faults.hangs, ['invalidate'])
  const lost = Array.from({ length: 5 }, async (_, i) => {
    await pass(clock, 1)
    return cache.invalidate(`lost ${i}`)
  })
  await pass(clock, 10)
  heal()
  for (let i = 0; i < 20; i++) {
    expect(await cache.get('stored')).toBe(1)
    await pass(clock, 50)
  }
  expect((await Promise.all(lost)).map(({ remote }) => remote)).toEqual(Array(5).fill('queued'))
  expect(seen).toEqual([])
  await cache.close()
})
