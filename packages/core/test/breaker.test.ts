import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createBreaker } from '../src/breaker.ts'

function setUp() {
  const clock = fakeClock()
  const states: string[] = []
  const breaker = createBreaker(clock, (state) => states.push(state))
  return { clock, states, breaker }
}

/** How many milliseconds nothing is let through. */
function pauseOf({ clock, breaker }: ReturnType<typeof setUp>): number {
  for (let ms = 0; ms <= 20_000; ms += 10) {
    if (breaker.allows()) return ms
    clock.advance(10)
  }
  return Infinity
}

test('two failures in a row change nothing, the third opens it', () => {
  const { breaker, states } = setUp()
  for (let i = 0; i < 2; i++) {
    breaker.failed()
    expect(breaker.allows()).toBe(true)
  }
  expect(states).toEqual([])
  breaker.failed()
  expect(breaker.allows()).toBe(false)
  expect(states).toEqual(['open'])
})

test('failures that are rare and not in a row never open it', () => {
  const { breaker, states } = setUp()
  for (let i = 0; i < 20; i++) {
    for (let j = 0; j < 2; j++) breaker.failed()
    for (let j = 0; j < 3; j++) breaker.succeeded()
  }
  expect(breaker.allows()).toBe(true)
  expect(states).toEqual([])
})

test('half of the last twenty commands failing opens it, although never three in a row', () => {
  const { breaker, states } = setUp()
  for (let i = 0; i < 10; i++) {
    expect(states).toEqual([])
    breaker.succeeded()
    breaker.failed()
  }
  breaker.succeeded()
  breaker.failed()
  expect(states).toEqual(['open'])
})

test('after the first pause one probe is let through, and nobody else until the next pause has passed', () => {
  const { breaker, clock } = setUp()
  for (let i = 0; i < 3; i++) breaker.failed()
  clock.advance(249)
  expect(breaker.allows()).toBe(false)
  clock.advance(1)
  expect(breaker.allows()).toBe(true)
  expect(breaker.allows()).toBe(false)
  clock.advance(249)
  expect(breaker.allows()).toBe(false)
})

test('a probe that is never heard of again does not keep it open for ever', () => {
  const { breaker, clock } = setUp()
  for (let i = 0; i < 3; i++) breaker.failed()
  for (let i = 0; i < 10; i++) {
    clock.advance(250)
    expect(breaker.allows()).toBe(true)
  }
})

test('pauses double with every probe that fails, from 250 ms to 5 s', () => {
  const parts = setUp()
  for (let i = 0; i < 3; i++) parts.breaker.failed()
  const pauses = Array.from({ length: 8 }, () => {
    const pause = pauseOf(parts)
    parts.breaker.failed()
    return pause
  })
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000])
  expect(parts.states).toEqual(['open'])
})

test('a probe that succeeds closes it, and everybody is let through', () => {
  const { breaker, clock, states } = setUp()
  for (let i = 0; i < 3; i++) breaker.failed()
  clock.advance(250)
  expect(breaker.allows()).toBe(true)
  breaker.succeeded()
  for (let i = 0; i < 10; i++) expect(breaker.allows()).toBe(true)
  expect(states).toEqual(['open', 'closed'])
})

test('after it has closed it takes three failures again, and the first pause is short again', () => {
  const parts = setUp()
  const { breaker, clock, states } = parts
  for (let i = 0; i < 3; i++) breaker.failed()
  for (let i = 0; i < 5; i++) {
    pauseOf(parts)
    breaker.failed()
  }
  clock.advance(5000)
  breaker.succeeded()
  breaker.failed()
  breaker.failed()
  expect(breaker.allows()).toBe(true)
  breaker.failed()
  expect(pauseOf(parts)).toBe(250)
  expect(states).toEqual(['open', 'closed', 'open'])
})

test('commands that were under way when it opened do not lengthen the pause when they fail too', () => {
  const parts = setUp()
  for (let i = 0; i < 100; i++) parts.breaker.failed()
  expect(pauseOf(parts)).toBe(250)
})

test('while it is closed it does not look at the clock', () => {
  const { clock } = setUp()
  let readings = 0
  const breaker = createBreaker({ ...clock, now: () => ++readings }, () => {})
  for (let i = 0; i < 10; i++) {
    breaker.allows()
    breaker.succeeded()
  }
  expect(readings).toBe(0)
})
