import { fakeClock } from '@shelflife/conformance'
import type { LoadContext, LoadGuard } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import type { LoadRetries } from '@shelflife/core/loads'
import { limitLoads, retryLoads } from '@shelflife/core/loads'
import { memoryStore } from '@shelflife/memory'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { deferred, pending, quiet, soon } from './deferred.ts'
import { thrown } from './thrown.ts'

const busy = Object.freeze(new Error('busy'))
const broken = Object.freeze(new Error('broken'))
const isBusy = (error: unknown): boolean => error === busy

/** A loader that does one thing after the other, and a cache that retries it. */
function setUp(
  steps: readonly ((context: LoadContext) => unknown)[],
  {
    hardTimeout = 60_000,
    before = [],
    ...retries
  }: Partial<LoadRetries> & {
    readonly hardTimeout?: number
    readonly before?: readonly LoadGuard[]
  } = {},
) {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  let runs = 0
  const get = cache.cached((context: LoadContext) => steps[runs++]!(context), {
    name: 'value',
    context: true,
    jitter: 0,
    hardTimeout,
    guard: [...before, retryLoads({ attempts: 3, when: isBusy, clock, ...retries })],
  })
  return { clock, cache, get, runs: () => runs }
}

const fails = (error: unknown) => (): never => {
  throw error
}
const caught = async (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)

beforeEach(() => {
  // pauses without their random part
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('a load that fails with a transient error is run again after 100 ms, then after 200 ms', async () => {
  const { clock, cache, get, runs } = setUp([fails(busy), async () => fails(busy)(), () => 'value'])
  const call = get()
  await quiet()
  clock.advance(99)
  await quiet()
  expect(runs()).toBe(1)
  clock.advance(1)
  await quiet()
  expect(runs()).toBe(2)
  clock.advance(199)
  await quiet()
  expect(runs()).toBe(2)
  clock.advance(1)
  expect(await call).toBe('value')
  expect(runs()).toBe(3)
  await cache.close()
  expect(clock.pending()).toBe(0)
})

test('up to a half of a pause is taken off at random', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const { clock, get, runs } = setUp([fails(busy), () => 'value'], { delay: '1s' })
  const call = get()
  await quiet()
  clock.advance(749)
  await quiet()
  expect(runs()).toBe(1)
  clock.advance(1)
  expect(await call).toBe('value')
})

test('it runs so often altogether, and the last error is thrown, untouched', async () => {
  const last = Object.freeze(new Error('busy again'))
  const { clock, cache, get, runs } = setUp([fails(busy), fails(busy), fails(last)], { when: () => true })
  const failures: unknown[] = []
  cache.on('loadFailure', ({ error }) => failures.push(error))
  const call = caught(get())
  await quiet()
  clock.advance(100)
  await quiet()
  clock.advance(200)
  expect(await call).toBe(last)
  expect(runs()).toBe(3)
  expect(failures).toEqual([last])
  expect(clock.pending()).toBe(0)
})

test.each([
  ['another error', isBusy, broken],
  ['undefined', isBusy, undefined],
  ['an error of which `when` cannot tell', fails(busy), broken],
])('%s is thrown at once', async (_, when, error) => {
  const { get, runs } = setUp([fails(error), () => 'value'], { when })
  expect(await caught(get())).toBe(error)
  expect(runs()).toBe(1)
})

test('one attempt is no retry', async () => {
  const { get, runs } = setUp([fails(busy), () => 'value'], { attempts: 1 })
  expect(await caught(get())).toBe(busy)
  expect(runs()).toBe(1)
})

test('callers join the load while it pauses', async () => {
  const { clock, get, runs } = setUp([fails(busy), () => 'value'])
  const first = get()
  await quiet()
  const second = get()
  await quiet()
  clock.advance(100)
  expect(await Promise.all([first, second])).toEqual(['value', 'value'])
  expect(runs()).toBe(2)
})

describe('hardTimeout bounds all of it', () => {
  test('during a pause: no more runs, no timer left', async () => {
    const { clock, cache, get, runs } = setUp([fails(busy), () => 'value'], { delay: '10s', hardTimeout: 1000 })
    const call = caught(get())
    await quiet()
    clock.advance(1000)
    expect(await call).toMatchObject({ code: 'load-timeout' })
    expect(clock.pending()).toBe(0)
    clock.advance(20_000)
    await quiet()
    expect(runs()).toBe(1)
    await cache.close()
  })

  test('during a run: what it does later starts none', async () => {
    const run = deferred<string>()
    const { clock, get, runs } = setUp([() => run.promise, () => 'value'], { hardTimeout: 1000 })
    const call = caught(get())
    await quiet()
    clock.advance(1000)
    expect(await call).toMatchObject({ code: 'load-timeout' })
    run.reject(busy)
    await quiet()
    expect(clock.pending()).toBe(0)
    expect(runs()).toBe(1)
  })
})

test('only what the last run said about the value counts', async () => {
  const { clock, cache, get } = setUp([
    (context) => {
      context.tag('first')
      context.skip()
      context.lifetime({ ttl: '1ms' })
      throw busy
    },
    (context) => {
      context.tag('second')
      return 'value'
    },
  ])
  const call = get()
  await quiet()
  clock.advance(100)
  await call
  clock.advance(1000)
  expect((await get.read()).outcome).toBe('hit')
  await cache.invalidateTags(['first'])
  expect(await get.peek()).toBe('value')
  await cache.invalidateTags(['second'])
  expect(await get.peek()).toBeUndefined()
})

test('an old value is served when all runs have failed, and the source is left alone for a while', async () => {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  let runs = 0
  const guard = retryLoads({ attempts: 2, when: isBusy, clock })
  const get = cache.cached(
    async (): Promise<string> => {
      runs++
      throw busy
    },
    { name: 'value', ttl: '1m', staleWhileRevalidate: 0, staleIfError: '1h', jitter: 0, guard },
  )
  await get.set('old')
  clock.advance(60_000)
  const call = get()
  await quiet()
  clock.advance(100)
  expect(await call).toBe('old')
  expect(await get()).toBe('old')
  expect(runs).toBe(2)
})

describe('beside a limit', () => {
  test.each([
    ['inside it, a load keeps its place while it pauses', true],
    ['outside of it, a load gives its place back while it pauses', false],
  ])('%s', async (_, isInside) => {
    const clock = fakeClock()
    const limit = limitLoads({ concurrency: 1 })
    const retries = retryLoads({ attempts: 2, when: isBusy, clock })
    const guard = isInside ? [limit, retries] : [retries, limit]
    const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock, guard })
    const runs: number[] = []
    const get = cache.cached(
      async (id: number) => {
        runs.push(id)
        if (runs.length === 1) throw busy
        return id
      },
      { name: 'value' },
    )
    const first = get(1)
    const second = get(2)
    await quiet()
    expect(await soon(second)).toBe(isInside ? pending : 2)
    clock.advance(100)
    expect(await first).toBe(1)
    expect(await second).toBe(2)
    expect(runs).toEqual(isInside ? [1, 1, 2] : [1, 2, 1])
    await cache.close()
    expect(clock.pending()).toBe(0)
  })
})

test("a guard of one's own stands around the loader and is told the key", async () => {
  const told: string[] = []
  const guard: LoadGuard = async (run, { key, signal }) => {
    told.push(`begin ${key} ${signal.aborted}`)
    const value = await run()
    told.push('end')
    return value
  }
  const { get } = setUp([() => told.push('load')], { before: [guard] })
  await get()
  expect(told).toEqual(['begin shop/value() false', 'load', 'end'])
})

test.each<[string, Partial<LoadRetries>, string]>([
  ['no attempt', { attempts: 0 }, 'attempts must be a whole number from 1; received 0'],
  ['attempts without end', { attempts: Infinity }, 'attempts must be a whole number from 1; received Infinity'],
  ['no delay', { delay: 0 }, 'delay must be a positive number'],
  ['a misspelt option', { attemps: 3 } as Partial<LoadRetries>, "there is no option 'attemps'"],
  ['no `when`', { when: undefined as never }, 'when must be a function; received undefined'],
])('%s is refused', (_, options, message) => {
  expect(thrown(() => retryLoads({ attempts: 2, when: isBusy, ...options })).message).toContain(message)
})

test('retries without options are refused', () => {
  const { message } = thrown(() => retryLoads(undefined as never))
  expect(message).toBe('options of retryLoads() must be an object; received undefined')
})
