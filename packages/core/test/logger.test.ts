import { inspect } from 'node:util'

import { createCache, ShelflifeError } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'

import { encodeEnvelope } from '../src/envelope.ts'
import type { CacheEvents, EventType } from '../src/events.ts'
import { createEvents } from '../src/events.ts'
import { attachLogger } from '../src/logger.ts'

const about = { key: 'shop/product(42)', name: 'product' }
const error = new Error('no')

const examples: { readonly [T in EventType]: CacheEvents[T] } = {
  hit: { ...about, store: 'local' },
  stale: { ...about, store: 'local', because: 'load-failed' },
  miss: about,
  join: about,
  wait: about,
  load: { ...about, duration: 5 },
  loadFailure: { ...about, duration: 5, error },
  commit: about,
  refuse: about,
  skip: { ...about, because: 'unsupported', error },
  evict: { ...about, reason: 'space' },
  invalidate: { names: [about.key], remote: 'queued' },
  expire: { names: [about.key], remote: 'queued' },
  invalidateTags: { names: ['shop#a'], remote: 'queued' },
  expireTags: { names: ['shop#a'], remote: 'queued' },
  corrupt: { key: about.key, error },
  storeError: { store: 'redis', command: 'read', error },
  breaker: { store: 'redis', state: 'open' },
  gap: { lostWrites: true },
  overflow: { store: 'redis', names: 1001 },
  untold: { store: 'redis', names: 3 },
  advice: { store: 'redis', problem: 'this Redis is a replica', link: 'https://example.com' },
  backgroundError: { error },
}

/** A logger that keeps what it is given. */
function keep() {
  const lines: { level: string; details: unknown; message: string }[] = []
  const log =
    (level: string) =>
    (details: object, message: string): void =>
      void lines.push({ level, details, message })
  return { lines, warn: log('warn'), error: log('error') }
}

function emit(events: ReturnType<typeof createEvents>, type: EventType, event: unknown): void {
  ;(events.sinks[type] as ((event: unknown) => void) | undefined)?.(event)
}

test('what somebody should look at is logged with its details, everything else is not', () => {
  const events = createEvents()
  const logger = keep()
  attachLogger(events, logger, fakeClock())
  for (const [type, event] of Object.entries(examples)) emit(events, type as EventType, event)
  expect(logger.lines).toEqual([
    { level: 'warn', message: 'shelflife: loadFailure', details: examples.loadFailure },
    { level: 'warn', message: 'shelflife: skip', details: examples.skip },
    { level: 'warn', message: 'shelflife: corrupt', details: examples.corrupt },
    { level: 'warn', message: 'shelflife: storeError', details: examples.storeError },
    { level: 'warn', message: 'shelflife: breaker', details: examples.breaker },
    { level: 'warn', message: 'shelflife: gap', details: examples.gap },
    { level: 'warn', message: 'shelflife: overflow', details: examples.overflow },
    { level: 'warn', message: 'shelflife: untold', details: examples.untold },
    { level: 'warn', message: 'shelflife: advice', details: examples.advice },
    { level: 'error', message: 'shelflife: backgroundError', details: examples.backgroundError },
  ])
})

test('a value that was not to be stored is no surprise and is not logged', () => {
  const events = createEvents()
  const logger = keep()
  attachLogger(events, logger, fakeClock())
  emit(events, 'skip', { ...about, because: 'asked' })
  emit(events, 'skip', { ...about, because: 'undefined' })
  expect(logger.lines).toEqual([])
})

test('nothing is called for hits and misses: the logger does not listen to them', () => {
  const events = createEvents()
  attachLogger(events, keep(), fakeClock())
  for (const type of ['hit', 'stale', 'miss', 'join', 'load', 'commit'] as const) {
    expect(events.sinks[type]).toBeUndefined()
  }
})

test('the methods are called on the logger, as pino and console need it', () => {
  class Bound {
    readonly #lines: string[] = []
    warn(_details: object, message: string): void {
      this.#lines.push(message)
    }
    error(_details: object, message: string): void {
      this.#lines.push(message)
    }
    lines(): readonly string[] {
      return this.#lines
    }
  }
  const logger = new Bound()
  const events = createEvents()
  attachLogger(events, logger, fakeClock())
  emit(events, 'gap', {})
  emit(events, 'backgroundError', { error })
  expect(logger.lines()).toEqual(['shelflife: gap', 'shelflife: backgroundError'])
})

test('console is a logger', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const cache = createCache({ namespace: 'test', store: memoryStore(), logger: console })
  const load = cache.cached(async () => Promise.reject(error), { name: 'load' })
  await expect(load()).rejects.toBe(error)
  expect(warn.mock.calls).toEqual([
    [expect.objectContaining({ key: 'test/load()', name: 'load', error }), 'shelflife: loadFailure'],
  ])
  warn.mockRestore()
})

test('a logger that throws harms no call', async () => {
  const logger = {
    warn() {
      throw new Error('the disk is full')
    },
    error() {
      throw new Error('the disk is full')
    },
  }
  const cache = createCache({ namespace: 'test', store: memoryStore(), logger })
  const load = cache.cached(async () => Promise.reject(error), { name: 'load' })
  await expect(load()).rejects.toBe(error)
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('no value reaches the log, whatever goes wrong', async () => {
  const secrets = fc.record({
    shape: fc.constantFrom('text', 'nested', 'map', 'date', 'bigint', 'undefined', 'cycle'),
    trouble: fc.constantFrom('none', 'fails', 'damaged', 'read', 'commit', 'slow'),
  })
  let logged = 0
  await fc.assert(
    fc.asyncProperty(secrets, async ({ shape, trouble }) => {
      const secret = `secret-${crypto.randomUUID()}`
      const clock = fakeClock()
      const server = createReferenceServer({ clock })
      const remote = server.connect({ clock, bus: false })
      const logger = keep()
      const failing = async (): Promise<never> => Promise.reject(new Error('unreachable'))
      const store = {
        ...remote,
        ...(trouble === 'read' && { read: failing }),
        ...(trouble === 'commit' && { commit: failing }),
      }
      const cache = createCache({ namespace: 'test', clock, store: [memoryStore({ clock }), store], logger })
      const load = cache.cached(
        async (id: number) => {
          if (trouble === 'fails' && id === 2) throw new Error('the loader failed')
          if (trouble === 'slow') clock.advance(120_000)
          return valueOf(shape, secret)
        },
        { name: 'load', ttl: '1s', staleIfError: '1h' },
      )
      for (const id of [1, 2, 1]) {
        await load(id).catch(() => {})
        if (trouble === 'damaged') for (const record of server.records.values()) record.envelope[60]! ^= 1
        clock.advance(2000)
        await turn()
      }
      await load.set({ secret } as never, 3)
      await cache.close()
      logged += logger.lines.length
      expect(inspect(logger.lines, { depth: 20, maxStringLength: Infinity })).not.toContain(secret)
    }),
    { numRuns: 200 },
  )
  expect(logged).toBeGreaterThan(100)
}, 30_000)

function valueOf(shape: string, secret: string): unknown {
  if (shape === 'text') return secret
  if (shape === 'map') return new Map([[secret, secret]])
  if (shape === 'date') return { when: new Date(0), secret }
  if (shape === 'bigint') return { secret, n: 1n }
  if (shape === 'undefined') return { secret, none: undefined }
  if (shape !== 'cycle') return { a: [{ secret }] }
  const ring: Record<string, unknown> = { secret }
  ring['self'] = ring
  return ring
}

test('a payload that is not JSON does not reach the log in the words of the parser', async () => {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const logger = keep()
  const cache = createCache({ namespace: 'test', clock, store: server.connect({ clock }), logger })
  const load = cache.cached(async () => 'fresh', { name: 'load' })
  await load()
  const [key, record] = [...server.records][0]!
  const tags = ['test']
  const ids = tags.map((tag) => (server.tags.get(tag) as { id: string }).id)
  const lifetime = {
    ttl: 60_000,
    staleWhileRevalidate: 0,
    staleIfError: 0,
    cost: 0,
    tier: 'dynamic',
    earlyRefresh: 0,
    sliding: false,
  }
  const payload = new TextEncoder().encode('hunter2 is the password')
  record.envelope = encodeEnvelope(key, { ...lifetime, codec: 1, tags, ids, payload })
  expect(await load()).toBe('fresh')
  expect(logger.lines.map(({ message }) => message)).toEqual(['shelflife: corrupt'])
  expect(inspect(logger.lines, { depth: 20 })).not.toContain('hunter2')
})

test('an error of Shelflife in the log says what is wrong', async () => {
  const clock = fakeClock()
  const logger = keep()
  const store = createReferenceServer({ clock }).connect({ clock })
  const cache = createCache({ namespace: 'test', clock, store, logger })
  const load = cache.cached(async () => ({ when: new Date(0) }), { name: 'load' })
  await load()
  const [line] = logger.lines
  expect(line).toMatchObject({
    message: 'shelflife: skip',
    details: { key: 'test/load()', name: 'load', because: 'unsupported', error: expect.any(ShelflifeError) },
  })
})

test('commands that fail together are one line, and the next one says how many there were', () => {
  const clock = fakeClock()
  const events = createEvents()
  const logger = keep()
  attachLogger(events, logger, clock)
  const fail = (command: string): void => emit(events, 'storeError', { store: 'redis', command, error })
  for (let i = 0; i < 500; i++) fail('read')
  fail('commit')
  clock.advance(1000)
  fail('read')
  fail('commit')
  expect(logger.lines.map(({ message }) => message)).toEqual([
    'shelflife: storeError',
    'shelflife: storeError',
    'shelflife: storeError, and 499 more before it',
    'shelflife: storeError',
  ])
})

test('without a logger the console is told once for each name what cannot be stored, and nothing of the value', async () => {
  const clock = fakeClock()
  const told = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => told.mockRestore())
  const openCache = (options: object) =>
    createCache({ namespace: 'test', clock, store: createReferenceServer({ clock }).connect({ clock }), ...options })
  class Money {
    readonly amount = 'hunter2'
  }
  const cache = openCache({})
  for (const name of ['price', 'cost']) {
    const load = cache.cached(async (id: number) => ({ id, price: new Money() }), { name })
    for (const id of [1, 2, 2]) await load(id)
  }
  await cache.set('key', new Money())
  await cache.cached(async () => undefined, { name: 'nothing' })()
  await cache.cached(async () => 1, { name: 'one' })()
  expect(told.mock.calls).toEqual([
    ["[shelflife] values of 'price' are not stored:", expect.stringContaining('instances of a class')],
    ["[shelflife] values of 'cost' are not stored:", expect.stringContaining('instances of a class')],
    [
      '[shelflife] values of cache.set() or getOrLoad() are not stored:',
      expect.stringContaining('instances of a class'),
    ],
  ])
  expect(inspect(told.mock.calls, { depth: 20 })).not.toContain('hunter2')
  told.mockClear()
  await openCache({ logger: keep() }).cached(async () => new Money(), { name: 'price' })()
  expect(told).not.toHaveBeenCalled()
})
