import { fakeClock } from '@shelflife/conformance'
import { describe, expect, test } from 'vitest'

import { createPulse } from '../src/pulse.ts'

const BUDGET = 100

function setUp() {
  const clock = fakeClock()
  const pulse = createPulse(clock)
  const givenUp: string[] = []
  const watch = (name: string, ms = BUDGET) =>
    pulse.wait({ alone: ms, inCrowd: 3 * ms, inAll: 10 * ms }, () => void givenUp.push(name))
  return { clock, pulse, watch, givenUp }
}

/** A clock whose event loop is blocked: what is due runs once, late, and not in between. */
function blockable() {
  let now = 0
  let due: (() => void) | undefined
  const clock = {
    now: () => now,
    after(_ms: number, run: () => void) {
      due = run
      return () => {
        due = undefined
      }
    },
  }
  return {
    clock,
    block(ms: number) {
      now += ms
      const run = due
      due = undefined
      run?.()
    },
  }
}

describe('who waits alone', () => {
  test('gives up when the time is over, exactly', () => {
    const { clock, watch, givenUp } = setUp()
    watch('one')
    clock.advance(BUDGET - 1)
    expect(givenUp).toEqual([])
    clock.advance(1)
    expect(givenUp).toEqual(['one'])
    expect(clock.pending()).toBe(0)
  })

  test('gives up although others are answered: it is the store that is slow', () => {
    const { clock, pulse, watch, givenUp } = setUp()
    watch('one')
    for (let i = 0; i < 10; i++) {
      const other = watch('other')
      clock.advance(10)
      pulse.answered()
      pulse.end(other)
    }
    expect(givenUp).toEqual(['one'])
  })

  test('leaves no timer behind when it was answered, and says how long it waited', () => {
    const { clock, pulse, watch } = setUp()
    const one = watch('one')
    clock.advance(60)
    expect(pulse.end(one)).toBe(60)
    expect(clock.pending()).toBe(0)
  })
})

describe('in a crowd', () => {
  test('nobody gives up while answers keep coming, whoever they are for', () => {
    const { clock, pulse, watch, givenUp } = setUp()
    const all = Array.from({ length: 1000 }, (_, i) => watch(`${i}`))
    for (const one of all) {
      clock.advance(0.9)
      pulse.answered()
      expect(pulse.end(one)).toBe(0)
    }
    expect(givenUp).toEqual([])
    expect(clock.pending()).toBe(0)
  })

  test('who came first is of it, also when others have been answered before anybody looks', () => {
    const { clock, pulse, watch, givenUp } = setUp()
    const [first, ...others] = Array.from({ length: 32 }, (_, i) => watch(`${i}`))
    clock.advance(10)
    for (const other of others) {
      pulse.answered()
      pulse.end(other)
    }
    clock.advance(BUDGET)
    expect(givenUp).toEqual([])
    expect(pulse.end(first!)).toBe(0)
  })

  test('everybody gives up when there has been no answer for as long as he allows', () => {
    const { clock, pulse, watch, givenUp } = setUp()
    const all = Array.from({ length: 100 }, (_, i) => watch(`${i}`))
    clock.advance(290)
    pulse.answered()
    pulse.end(all[0]!)
    clock.advance(290)
    expect(givenUp).toEqual([])
    clock.advance(2 * BUDGET)
    expect(givenUp).toHaveLength(99)
  })

  test('who is never answered although all others are was forgotten, and gives up in the end', () => {
    const { clock, pulse, watch, givenUp } = setUp()
    watch('forgotten')
    for (let i = 0; i < 100; i++) {
      const others = Array.from({ length: 100 }, () => watch('other'))
      clock.advance(10)
      for (const other of others) {
        pulse.answered()
        pulse.end(other)
      }
    }
    expect(givenUp).toEqual(['forgotten'])
  })
})

describe('an event loop that is blocked', () => {
  test('counts for next to nothing, however long it was', () => {
    const { clock, block } = blockable()
    const pulse = createPulse(clock)
    let isGivenUp = false
    const one = pulse.wait({ alone: BUDGET, inCrowd: BUDGET }, () => {
      isGivenUp = true
    })
    for (let i = 0; i < 8; i++) block(3000)
    expect(isGivenUp).toBe(false)
    expect(pulse.end(one)).toBe(48)
  })

  test('that is blocked again and again notices a store that is dead all the same', () => {
    const { clock, block } = blockable()
    const pulse = createPulse(clock)
    let isGivenUp = false
    pulse.wait({ alone: BUDGET, inCrowd: BUDGET }, () => {
      isGivenUp = true
    })
    for (let i = 0; i < 17; i++) block(150)
    expect(isGivenUp).toBe(true)
  })
})
