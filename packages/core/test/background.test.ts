import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import { createBackground } from '../src/background.ts'
import type { Sinks } from '../src/events.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Work that is ended by the test. */
function work(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = (): void => {}
  let reject = (_error: Error): void => {}
  const promise = new Promise<void>((one, other) => {
    resolve = one
    reject = other
  })
  return { promise, resolve, reject }
}

function setUp(waitUntil?: (work: Promise<unknown>) => void) {
  const errors: unknown[] = []
  const sinks: Sinks = { backgroundError: ({ error }) => void errors.push(error) }
  return { errors, background: createBackground(sinks, waitUntil) }
}

test('a failure is reported as it is', async () => {
  const { errors, background } = setUp()
  const error = new TypeError('of the work')
  background.run(Promise.reject(error))
  await background.settled()
  expect(errors).toEqual([error])
  expect(errors[0]).toBe(error)
})

test('a failure that nobody listens for is not an unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  createBackground({}, undefined).run(Promise.reject(new Error('unheard')))
  await turn()
  await turn()
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
})

test('settled waits for everything that runs, failures included', async () => {
  const { background } = setUp()
  const one = work()
  const two = work()
  background.run(one.promise)
  background.run(two.promise)
  let isSettled = false
  const settled = background.settled().then(() => (isSettled = true))
  one.reject(new Error('failed'))
  await turn()
  expect(isSettled).toBe(false)
  two.resolve()
  await settled
  expect(isSettled).toBe(true)
})

test('settled resolves when nothing runs', async () => {
  await setUp().background.settled()
})

test('work that has ended is not kept', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const kept: WeakRef<Promise<unknown>>[] = []
  const { background } = setUp((running) => kept.push(new WeakRef(running)))
  for (let i = 0; i < 100; i++) background.run(Promise.resolve(i))
  await background.settled()
  // a register or a stack slot may hold one of them beyond a collection, but not beyond every one
  await expect
    .poll(() => {
      collect()
      return kept.filter((running) => running.deref() !== undefined).length
    })
    .toBe(0)
})

test('the runtime is asked to stay alive for work, with a promise that never rejects', async () => {
  const kept: Promise<unknown>[] = []
  const { background } = setUp((work) => kept.push(work))
  background.run(Promise.resolve(1))
  background.run(Promise.reject(new Error('failed')))
  expect(kept).toHaveLength(2)
  await expect(Promise.all(kept)).resolves.toBeDefined()
})

test('a runtime that refuses to stay alive harms neither the caller nor the work, and is reported', async () => {
  const refusal = new TypeError('Illegal invocation')
  const { background, errors } = setUp(() => {
    throw refusal
  })
  let done = 0
  expect(() => background.run(Promise.resolve().then(() => ++done))).not.toThrow()
  await background.settled()
  expect(done).toBe(1)
  expect(errors).toEqual([refusal])
})
