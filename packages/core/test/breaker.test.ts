import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createBreaker } from '../src/breaker.ts'

function setUp() {
  const clock = fakeClock()
  const states: string[] = []
  const probes: number[] = []
  const breaker = createBreaker(clock, {
    changed: (state) => void states.push(state),
    probe: () => void probes.push(clock.now()),
    isClosing: () => false,
  })
  const fail = (times: number): void => {
    for (let i = 0; i < times; i++) breaker.noted(false)
  }
  return { clock, states, breaker, probes, fail }
}

/** How many milliseconds pass until somebody who asks all the time starts a probe. */
function pauseOf({ clock, breaker, probes }: ReturnType<typeof setUp>): number {
  const before = probes.length
  for (let ms = 0; ms <= 20_000; ms += 10) {
    expect(breaker.allows()).toBe(false)
    if (probes.length > before) return ms
    clock.advance(10)
  }
  return Infinity
}

test('two failures in a row change nothing, the third opens it', () => {
  const { breaker, states, fail } = setUp()
  fail(2)
  expect(breaker.allows()).toBe(true)
  expect(states).toEqual([])
  fail(1)
  expect(breaker.allows()).toBe(false)
  expect(states).toEqual(['open'])
})

test('failures that are rare and not in a row never open it', () => {
  const { breaker, states, fail } = setUp()
  for (let i = 0; i < 20; i++) {
    fail(2)
    for (let j = 0; j < 3; j++) breaker.noted(true)
  }
  expect(breaker.allows()).toBe(true)
  expect(states).toEqual([])
})

test('half of the last twenty commands failing opens it, although never three in a row', () => {
  const { breaker, states, fail } = setUp()
  for (let i = 0; i < 10; i++) {
    expect(states).toEqual([])
    breaker.noted(true)
    fail(1)
  }
  breaker.noted(true)
  fail(1)
  expect(states).toEqual(['open'])
})

test('where nobody asks it is looked after all the same, also after one failure, and until it is answered', () => {
  for (const times of [1, 3]) {
    const { breaker, clock, probes, states, fail } = setUp()
    const began = clock.now()
    fail(times)
    clock.advance(750)
    breaker.probed(false)
    clock.advance(750)
    expect(probes).toEqual([began + 750, began + 1500])
    breaker.probed(true)
    expect([breaker.isFailing(), states.at(-1), clock.pending()]).toEqual([
      false,
      times === 3 ? 'closed' : undefined,
      0,
    ])
    fail(times)
    breaker.stop()
    expect(clock.pending()).toBe(0)
  }
})

test('while it is open nobody is let through; who asks first after a pause starts one probe', () => {
  const { breaker, clock, probes, fail } = setUp()
  fail(3)
  clock.advance(249)
  expect(breaker.allows()).toBe(false)
  expect(probes).toHaveLength(0)
  clock.advance(1)
  for (let i = 0; i < 10; i++) expect(breaker.allows()).toBe(false)
  expect(probes).toHaveLength(1)
})

test('a probe that is never heard of again does not keep it open for ever', () => {
  const parts = setUp()
  parts.fail(3)
  for (let i = 0; i < 10; i++) expect(pauseOf(parts)).toBe(250)
})

test('what is heard of the store ends a pause', () => {
  const parts = setUp()
  parts.fail(3)
  parts.breaker.heard()
  expect(pauseOf(parts)).toBe(0)
  parts.breaker.probed(false)
  expect(pauseOf(parts)).toBe(250)
  expect(parts.states).toEqual(['open'])
})

test('the store is away when two probes have failed and nothing was heard of it meanwhile', () => {
  const parts = setUp()
  const { breaker } = parts
  parts.fail(100)
  expect(breaker.isAway()).toBe(false)
  breaker.probed(false)
  breaker.heard()
  breaker.probed(false)
  expect(breaker.isAway()).toBe(false)
  breaker.probed(false)
  expect(breaker.isAway()).toBe(true)
  breaker.probed(true)
  expect(breaker.isAway()).toBe(false)
})

test('a probe that succeeds closes it, and everybody is let through', () => {
  const parts = setUp()
  const { breaker, states } = parts
  parts.fail(3)
  pauseOf(parts)
  breaker.probed(true)
  for (let i = 0; i < 10; i++) expect(breaker.allows()).toBe(true)
  breaker.probed(true)
  breaker.probed(false)
  expect(breaker.allows()).toBe(true)
  expect(states).toEqual(['open', 'closed'])
})

test('after it has closed it takes three failures again, and pauses are as long as before', () => {
  const parts = setUp()
  const { breaker, states, fail } = parts
  fail(3)
  for (let i = 0; i < 5; i++) {
    pauseOf(parts)
    breaker.probed(false)
  }
  breaker.probed(true)
  fail(2)
  expect(breaker.allows()).toBe(true)
  fail(1)
  expect(pauseOf(parts)).toBe(250)
  expect(states).toEqual(['open', 'closed', 'open'])
})

test('commands that were under way when it opened change nothing when they fail', () => {
  const parts = setUp()
  parts.fail(100)
  expect(pauseOf(parts)).toBe(250)
  parts.fail(100)
  expect(pauseOf(parts)).toBe(250)
  expect(parts.states).toEqual(['open'])
})

test('the answer to one that was under way when it opened closes it', () => {
  const parts = setUp()
  parts.fail(100)
  parts.breaker.noted(true)
  expect(parts.states).toEqual(['open', 'closed'])
  expect(parts.breaker.allows()).toBe(true)
})

test('while it is closed it does not look at the clock', () => {
  const { clock } = setUp()
  let readings = 0
  const breaker = createBreaker(
    { ...clock, now: () => ++readings },
    { changed() {}, probe() {}, isClosing: () => false },
  )
  for (let i = 0; i < 10; i++) {
    breaker.allows()
    breaker.noted(true)
  }
  expect(readings).toBe(0)
})
