import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createAllowance } from '../src/allowance.ts'
import { createPulse } from '../src/pulse.ts'
import { settle, timed } from './faulty-store.ts'

function setUp(ms: number) {
  const clock = fakeClock()
  const pulse = createPulse(clock)
  const allowance = createAllowance(clock, pulse, ms)
  /** A command that takes so long, and is given up by itself after `budget`. */
  async function command(time: number, budget: number): Promise<string | undefined> {
    const wait = pulse.wait({ alone: budget, inCrowd: budget }, () => {})
    await new Promise<void>((resolve) => void clock.after(Math.min(time, budget), resolve))
    allowance.spend(wait.since, pulse.end(wait))
    return time <= budget ? 'done' : undefined
  }
  return { clock, command, allowance }
}

test('what is waited for one after the other takes no longer than the allowance in all', async () => {
  const { clock, command, allowance } = setUp(500)
  expect(await timed(clock, allowance.wait(command(90, 100), 100))).toEqual({ value: 'done', took: 90 })
  expect(await timed(clock, allowance.wait(command(450, 500), 500))).toEqual({ value: undefined, took: 410 })
  expect(await timed(clock, allowance.wait(command(450, 500)))).toEqual({ value: undefined, took: 0 })
  expect(allowance.left).toBeLessThanOrEqual(0)
})

test('time in which nothing is waited for does not count', async () => {
  const { clock, command, allowance } = setUp(500)
  await timed(clock, allowance.wait(command(90, 100), 100))
  clock.advance(10_000)
  expect(allowance.left).toBe(410)
})

test('time in which two commands are under way counts once', async () => {
  const { clock, command, allowance } = setUp(500)
  await timed(clock, Promise.all([command(100, 500), command(150, 500), command(50, 500)]))
  expect(allowance.left).toBe(350)
})

test('time in a crowd does not count', async () => {
  const { clock, command, allowance } = setUp(500)
  await timed(clock, Promise.all(Array.from({ length: 100 }, () => command(90, 100))))
  expect(allowance.left).toBe(500)
})

test('work that ends soon enough by itself needs no timer, and no work leaves one behind', async () => {
  const { clock, allowance } = setUp(500)
  const waiting = allowance.wait(new Promise(() => {}), 500)
  await settle()
  expect(clock.pending()).toBe(0)
  void waiting
  expect(await allowance.wait(Promise.resolve(1))).toBe(1)
  await settle()
  expect(clock.pending()).toBe(0)
})

test('without an end nothing is ever given up', async () => {
  const { clock, command, allowance } = setUp(Infinity)
  expect((await timed(clock, allowance.wait(command(10_000, Infinity)))).value).toBe('done')
  expect(allowance.left).toBe(Infinity)
})
