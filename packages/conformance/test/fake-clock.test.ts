import { fakeClock } from '@shelflife/conformance'
import { describe, expect, test } from 'vitest'

describe('fakeClock', () => {
  test('stands still until it is advanced', async () => {
    const clock = fakeClock(5)
    await new Promise((resolve) => void setTimeout(resolve, 5))
    expect(clock.now()).toBe(5)
    clock.advance(0.5)
    expect(clock.now()).toBe(5.5)
  })

  test('runs a timer once, when its time has come and not before', () => {
    const clock = fakeClock()
    let runs = 0
    clock.after(100, () => void runs++)
    clock.advance(99.9)
    expect(runs).toBe(0)
    clock.advance(0.1)
    expect(runs).toBe(1)
    clock.advance(1000)
    expect(runs).toBe(1)
  })

  test('runs timers in the order of their times, those of one time in the order they were set', () => {
    const clock = fakeClock()
    const ran: string[] = []
    for (const [name, ms] of Object.entries({ c: 30, a: 10, b: 20, d: 30 })) clock.after(ms, () => void ran.push(name))
    clock.advance(100)
    expect(ran).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a timer sees the time it was set for', () => {
    const clock = fakeClock(1000)
    const seen: number[] = []
    for (const ms of [20, 10]) clock.after(ms, () => void seen.push(clock.now()))
    clock.advance(50)
    expect(seen).toEqual([1010, 1020])
    expect(clock.now()).toBe(1050)
  })

  test('timers set by timers run too when they are due', () => {
    const clock = fakeClock(0)
    const seen: number[] = []
    const again = (): void => {
      seen.push(clock.now())
      clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(35)
    expect(seen).toEqual([10, 20, 30])
    clock.advance(5)
    expect(seen).toEqual([10, 20, 30, 40])
  })

  test('what is due at once waits for the next advance', () => {
    const clock = fakeClock()
    let runs = 0
    clock.after(0, () => void runs++)
    clock.after(-5, () => void runs++)
    expect(runs).toBe(0)
    clock.advance(0)
    expect(runs).toBe(2)
  })

  test('a cancelled timer does not run, also when another timer cancels it', () => {
    const clock = fakeClock()
    const ran: string[] = []
    const cancel = clock.after(10, () => void ran.push('cancelled'))
    const cancelLater = clock.after(20, () => void ran.push('cancelled by a timer'))
    clock.after(15, cancelLater)
    clock.after(25, () => void ran.push('kept'))
    cancel()
    cancel()
    clock.advance(100)
    expect(ran).toEqual(['kept'])
  })

  test('counts the timers that are pending', () => {
    const clock = fakeClock()
    const cancel = clock.after(10, () => {})
    clock.after(20, () => {})
    expect(clock.pending()).toBe(2)
    cancel()
    expect(clock.pending()).toBe(1)
    clock.advance(20)
    expect(clock.pending()).toBe(0)
  })

  test('clocks are independent', () => {
    const [one, other] = [fakeClock(), fakeClock()]
    one.advance(10)
    expect(other.now()).toBe(1000)
  })
})

test.each([Number.NaN, -1, undefined as never])('a clock does not advance by %s', (ms) => {
  const clock = fakeClock()
  expect(() => clock.advance(ms)).toThrow(RangeError)
  expect(clock.now()).toBe(1000)
})
