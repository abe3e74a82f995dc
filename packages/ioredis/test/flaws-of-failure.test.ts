import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { startRedis } from '@shelflife/test-servers'
import { runChild } from '@shelflife/test-servers/run-child'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { ioredisStore } from '../src/index.ts'
import { severalProcesses, versionedSource } from './two-processes.ts'

/*
 * Flaws of other caches that show when something fails, on a real server. 19, an invalidation while Redis is away, is in
 * flaws.test.ts; each kind of failure with many callers is in the folder faults.
 */

const processes = severalProcesses()
const { server, start } = processes
const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

const LASTING = { tier: 'static' } as const
/** The default budgets of a read and a write, and room for a busy machine. */
const BOUND = 100 + 500 + 400
const LEASE = 3000

async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly took: number }> {
  const at = performance.now()
  const value = await work
  return { value, took: performance.now() - at }
}

async function serverOfItsOwn(...options: Parameters<typeof startRedis>): ReturnType<typeof startRedis> {
  const started = await startRedis(...options)
  ended.unshift(() => started.stop())
  return started
}

test('5: a store that fails between the lease and the load leaves no key locked', async () => {
  const [one, other] = [start({ local: false }), start({ local: false })]
  const options = { name: 'value', ...LASTING, tags: ['tag'] }
  const [read, readOther] = [one, other].map((cache) => cache.cached(async (id: number) => id, options))
  await read!(1)
  await readOther!(1)
  // the lease is given, and the ids of the tags are not
  const metadata = (await server().command('KEYS', '{shelflife}:*')) as string[]
  for (const name of metadata) await server().command('DEL', name)
  for (const name of metadata) await server().command('SADD', name, 'x')
  const { value, took } = await timed(read!(2))
  expect(value).toBe(2)
  expect(took).toBeLessThan(BOUND)
  await server().command('DEL', ...metadata)
  const next = await timed(readOther!(2))
  expect(next.value).toBe(2)
  expect(next.took).toBeLessThan(LEASE / 2)
})

test('6: a failing loader with 20 callers in each process is called once in each, and all get its error', async () => {
  const failure = new Error('the source is down')
  let loads = 0
  const load = async (): Promise<number> => {
    loads++
    await new Promise((resolve) => void setTimeout(resolve, 50))
    throw failure
  }
  const reads = [start(), start()].map((cache) => cache.cached(load, { name: 'value' }))
  const calls = reads.flatMap((read) => Array.from({ length: 20 }, () => read().catch((error: unknown) => error)))
  const { value, took } = await timed(Promise.all(calls))
  expect(new Set(value)).toEqual(new Set([failure]))
  expect(loads).toBeLessThanOrEqual(2)
  expect(took).toBeLessThan(BOUND)
})

describe('25: while Redis is stopped', () => {
  test.each([true, false])('a cold key costs one budget, then none (local store: %s)', async (local) => {
    const read = start({ local }).cached(async (id: number) => id, { name: 'value', ...LASTING })
    await read(0)
    server().pause()
    ended.push(() => server().resume())
    for (let id = 1; id < 4; id++) expect((await timed(read(id))).took).toBeLessThan(BOUND)
    const later = await timed(Promise.all(Array.from({ length: 50 }, (_, id) => read(10 + id))))
    expect(later.took).toBeLessThan(BOUND / 2)
  })

  test('a local value is served at once, and a stale one while it is loaded anew', async () => {
    const source = versionedSource()
    const cache = start()
    const lasting = cache.cached(source.load, { name: 'lasting', ...LASTING })
    const stale = cache.cached(source.load, { name: 'stale', ttl: 50, staleWhileRevalidate: '1m' })
    await Promise.all([lasting(), stale()])
    server().pause()
    ended.push(() => server().resume())
    await new Promise((resolve) => void setTimeout(resolve, 100))
    for (const read of [lasting, stale]) {
      // before anything that the event loop brings
      const first = await Promise.race([read.read(), new Promise((resolve) => void setImmediate(resolve, 'late'))])
      expect(first).toMatchObject({ store: 'local' })
    }
  })
})

test('26: Redis killed costs a read no more than its budget, also with a client of default options', async () => {
  const killed = await serverOfItsOwn()
  // by itself it would try for more than a minute
  const client = new Redis(killed.url)
  client.on('error', () => {})
  const stores = [ioredisStore(killed.url), ioredisStore(client)]
  const caches = stores.map((store) => createCache({ namespace: 'killed', store }))
  ended.push(() => client.disconnect(), ...caches.map((cache) => () => cache.close()))
  const reads = caches.map((cache) => cache.cached(async (id: number) => id, { name: 'value', ...LASTING }))
  for (const read of reads) expect(await read(0)).toBe(0)
  await killed.kill()
  for (const read of reads) {
    for (let id = 0; id < 5; id++) {
      const { value, took } = await timed(read(id))
      expect(value).toBe(id)
      expect(took).toBeLessThan(BOUND)
    }
  }
})

test('27: a server that refuses reading and deleting does not make a call fail whose loader works', async () => {
  const strict = await serverOfItsOwn({ acl: ['default off', 'app on >secret ~* &* -@all +hello +info +ping'] })
  const cache = createCache({ namespace: 'refused', store: ioredisStore(strict.url.replace('//', '//app:secret@')) })
  ended.push(() => cache.close())
  const errors: string[] = []
  cache.on('storeError', ({ command, error }) => errors.push(`${command}: ${String(error)}`))
  const read = cache.cached(async (id: number) => id, { name: 'value', ...LASTING })
  for (let id = 0; id < 10; id++) expect(await read(id)).toBe(id)
  expect(await read.invalidate(1)).toEqual({ local: true, remote: 'queued' })
  expect(await cache.clear()).toEqual({ local: true, remote: 'queued' })
  expect(errors.join()).toContain('read: ReplyError: NOPERM')
})

test('28: a write in the background that Redis refuses is reported, and nothing else', async () => {
  const full = await serverOfItsOwn()
  const cache = createCache({ namespace: 'full', store: [memoryStore(), ioredisStore(full.url)] })
  ended.push(() => cache.close())
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  ended.push(() => process.off('unhandledRejection', unhandled))
  const errors: string[] = []
  cache.on('storeError', ({ error }) => errors.push(String(error)))
  const source = versionedSource()
  const read = cache.cached(source.load, { name: 'value', ttl: 50, staleWhileRevalidate: '1m' })
  expect(await read()).toBe(1)
  await full.command('CONFIG', 'SET', 'maxmemory', 1)
  await new Promise((resolve) => void setTimeout(resolve, 100))
  source.version = 2
  expect((await read.read()).outcome).toBe('stale')
  await vi.waitFor(() => expect(errors.join()).toContain('OOM'), 3000)
  await vi.waitFor(async () => expect(await read()).toBe(2))
  expect(unhandled).not.toHaveBeenCalled()
})

test('29: what a cache leaves in Redis ends by itself, however many keys it saw', async () => {
  const own = await serverOfItsOwn()
  const cache = createCache({ namespace: 'bounded', store: [memoryStore(), ioredisStore(own.url)] })
  ended.push(() => cache.close())
  const read = cache.cached(async (id: number) => id, { name: 'value', ttl: '1m', tags: (id) => [`tag/${id % 10}`] })
  for (let id = 0; id < 200; id++) await read(id)
  for (let id = 0; id < 100; id++) await read.invalidate(id)
  await cache.invalidateTags(['tag/1'])
  const size = async (): Promise<number> =>
    Number(await own.command('MEMORY', 'USAGE', '{shelflife}:log', 'SAMPLES', 0))
  for (let id = 0; id < 1500; id++) await read.invalidate(id)
  const before = await size()
  for (let id = 0; id < 1500; id++) await read.invalidate(id)
  const names = (await own.command('KEYS', '*')) as string[]
  const endless: string[] = []
  for (const name of names) if (Number(await own.command('PTTL', name)) < 0) endless.push(name)
  // a count of messages and the ids of the last thousand, one for all
  expect(endless).toEqual(['{shelflife}:log'])
  expect(await size()).toBeLessThanOrEqual(before + 100)
  expect(await size()).toBeLessThan(100_000)
})

describe('32: a process ends by itself when it has closed its cache', { timeout: 60_000 }, () => {
  const closes = (url: string, isLocal: boolean): Promise<string> =>
    runChild(new URL('children/closes-cache.ts', import.meta.url), JSON.stringify({ url, isLocal }))

  test.each([true, false])('with its server, without it, and with one that stands still (local: %s)', async (local) => {
    const own = await serverOfItsOwn()
    expect(await closes(own.url, local)).toBe('closed')
    own.pause()
    expect(await closes(own.url, local)).toBe('closed')
    await own.kill()
    expect(await closes(own.url, local)).toBe('closed')
  })
})
