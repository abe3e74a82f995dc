import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createAllowance } from '../src/allowance.ts'
import { settle, timed } from './faulty-store.ts'

function setUp(ms: number) {
  const clock = fakeClock()
  const after = (time: number): Promise<string> =>
    new Promise((resolve) => void clock.after(time, () => resolve('done')))
  return { clock, after, allowance: createAllowance(clock, ms) }
}

test('what is waited for one after the other takes no longer than the allowance in all', async () => {
  const { clock, after, allowance } = setUp(500)
  expect(await timed(clock, allowance.wait(after(90), 100))).toEqual({ value: 'done', took: 90 })
  expect(await timed(clock, allowance.wait(after(450), 500))).toEqual({ value: undefined, took: 410 })
  expect(await timed(clock, allowance.wait(after(450)))).toEqual({ value: undefined, took: 0 })
  expect(allowance.left).toBe(0)
})

test('time in which nothing is waited for does not count', async () => {
  const { clock, after, allowance } = setUp(500)
  await timed(clock, allowance.wait(after(90), 100))
  clock.advance(10_000)
  expect(allowance.left).toBe(410)
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

test('an event loop that was blocked counts for no more than the work may take', async () => {
  const { clock, allowance } = setUp(500)
  let answer: (value: string) => void = () => {}
  const work = new Promise<string>((resolve) => {
    answer = resolve
  })
  const waiting = allowance.wait(work, 100)
  clock.advance(2000)
  answer('done')
  expect(await waiting).toBe('done')
  expect(allowance.left).toBe(400)
})

test('an answer that arrived while the event loop was blocked is an answer', async () => {
  const due: (() => void)[] = []
  const after = (_ms: number, run: () => void): (() => void) => {
    due.push(run)
    return () => {}
  }
  const allowance = createAllowance({ now: () => 0, after }, 500)
  let answer: (value: string) => void = () => {}
  const waiting = allowance.wait(
    new Promise<string>((resolve) => {
      answer = resolve
    }),
  )
  due.shift()?.()
  // what has long been there is read between two turns of timers
  answer('done')
  await settle()
  due.shift()?.()
  expect(await waiting).toBe('done')
})

test('without an end nothing is ever given up', async () => {
  const { clock, after, allowance } = setUp(Infinity)
  expect((await timed(clock, allowance.wait(after(10_000)))).value).toBe('done')
  expect(allowance.left).toBe(Infinity)
})
