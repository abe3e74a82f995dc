import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { withDeadline } from '../src/deadline.ts'

const late = (): Error => new Error('late')

/** Work that is ended by the test. */
function work(): { promise: Promise<number>; resolve: (value: number) => void; reject: (error: Error) => void } {
  let resolve = (_value: number): void => {}
  let reject = (_error: Error): void => {}
  const promise = new Promise<number>((one, other) => {
    resolve = one
    reject = other
  })
  return { promise, resolve, reject }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('work that ends in time gives its value and leaves no timer', async () => {
  const clock = fakeClock()
  expect(await withDeadline(Promise.resolve(5), 100, clock, late)).toBe(5)
  await turn()
  expect(clock.pending()).toBe(0)
})

test('work that fails in time gives its own error, untouched, and leaves no timer', async () => {
  const clock = fakeClock()
  const error = new TypeError('of the user')
  await expect(withDeadline(Promise.reject(error), 100, clock, late)).rejects.toBe(error)
  await turn()
  expect(clock.pending()).toBe(0)
})

test('work that is too slow is given up exactly when its time has passed', async () => {
  const clock = fakeClock()
  let state = 'pending'
  withDeadline(new Promise(() => {}), 100, clock, late).catch((error: Error) => (state = error.message))
  clock.advance(99)
  await turn()
  expect(state).toBe('pending')
  clock.advance(1)
  await turn()
  expect(state).toBe('late')
  expect(clock.pending()).toBe(0)
})

test('what late work returns is ignored', async () => {
  const clock = fakeClock()
  const { promise, resolve } = work()
  const result = withDeadline(promise, 100, clock, late)
  clock.advance(100)
  resolve(5)
  await expect(result).rejects.toThrow('late')
})

test('late work that fails leaves no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  const clock = fakeClock()
  const { promise, reject } = work()
  const result = withDeadline(promise, 100, clock, late)
  clock.advance(100)
  await expect(result).rejects.toThrow('late')
  reject(new Error('too late to matter'))
  await turn()
  await turn()
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
})

test('the error is made only when it is needed', async () => {
  const clock = fakeClock()
  let made = 0
  const make = (): Error => new Error(`${++made}`)
  await withDeadline(Promise.resolve(), 100, clock, make)
  expect(made).toBe(0)
})

test('work without a deadline has no timer', async () => {
  const clock = fakeClock()
  const { promise, resolve } = work()
  const result = withDeadline(promise, Infinity, clock, late)
  expect(clock.pending()).toBe(0)
  resolve(5)
  expect(await result).toBe(5)
})
