import { describe, expect, test } from 'vitest'

import { runProgram } from './run-program.ts'

const PRELUDE = `
  import { createReferenceServer } from '@shelflife/conformance'
  import { createCache } from '@shelflife/core'
  import { limitLoads, retryLoads } from '@shelflife/core/loads'
  import { memoryStore } from '@shelflife/memory'

  const never = () => new Promise(() => {})
  const failing = async () => { throw new Error('down') }
  const pass = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const startedAt = performance.now()
  let did
  process.on('exit', (code) => process.stdout.write(JSON.stringify({ code, did, ms: performance.now() - startedAt })))
  async function job(work) { did = await work().catch((error) => error.code ?? error.message) }
`

interface Ended {
  readonly code: number
  /** What the job came to; nothing where the process ended before it. */
  readonly did?: string
  /** From the first line to the end of the process. */
  readonly ms: number
}

const run = async (program: string): Promise<Ended> => JSON.parse(await runProgram(PRELUDE + program)) as Ended

describe('a process does not end while a caller waits, and does when the last one has an answer', () => {
  const local = `const cache = createCache({ namespace: 'p10', store: memoryStore() })`

  test.concurrent.each<readonly [what: string, program: string, did: string, atLeast: number]>([
    [
      'for another attempt of the loader',
      `${local}
       let runs = 0
       const load = async () => { if (++runs < 3) throw new Error('transient'); return 'value' }
       const guard = retryLoads({ attempts: 3, delay: '200ms', when: () => true })
       const get = cache.cached(load, { name: 'value', guard })
       job(() => get())`,
      'value',
      300,
    ],
    [
      'for another attempt of the loader of a cache that is closed',
      `${local}
       let runs = 0
       const load = async () => { if (++runs < 2) throw new Error('transient'); return 'value' }
       const get = cache.cached(load, { name: 'value', guard: retryLoads({ attempts: 2, delay: 400, when: () => true }) })
       job(async () => { await cache.close(); return get() })`,
      'value',
      200,
    ],
    [
      'for a place among the loads that run',
      `${local}
       const guard = limitLoads({ concurrency: 1, wait: '300ms' })
       const get = cache.cached(never, { name: 'value', guard, hardTimeout: 600 })
       void get(1).catch(() => {})
       job(() => get(2))`,
      'overloaded',
      300,
    ],
    [
      'for a load that never ends, until hardTimeout',
      `${local}
       const get = cache.cached(never, { name: 'value', hardTimeout: 300 })
       job(() => get())`,
      'load-timeout',
      300,
    ],
    [
      'for a load that he has joined',
      `${local}
       const get = cache.cached(never, { name: 'value', hardTimeout: 300 })
       void get.refresh().catch(() => {})
       job(() => get())`,
      'load-timeout',
      300,
    ],
    [
      'for a refresh that was begun in the background',
      `${local}
       let runs = 0
       const load = () => ++runs === 1 ? 'old' : never()
       const get = cache.cached(load, { name: 'value', ttl: 20, staleWhileRevalidate: 100, staleIfError: 0, hardTimeout: 500 })
       job(async () => {
         await get()
         await pass(50)
         await get()
         await pass(150)
         return get()
       })`,
      'load-timeout',
      500,
    ],
    [
      'for the old value, until softTimeout, and not for the load that goes on',
      `${local}
       let runs = 0
       const load = () => ++runs === 1 ? 'old' : never()
       const options = { ttl: 20, staleWhileRevalidate: 0, staleIfError: '1h', softTimeout: 300, hardTimeout: 15_000 }
       const get = cache.cached(load, { name: 'value', ...options })
       job(async () => {
         await get()
         await pass(50)
         return get()
       })`,
      'old',
      300,
    ],
    [
      'for a reload',
      `${local}
       const get = cache.cached(never, { name: 'value', hardTimeout: 300 })
       job(() => get.refresh())`,
      'load-timeout',
      300,
    ],
    [
      'for the load of another process',
      `const server = createReferenceServer()
       const cache = createCache({ namespace: 'p10', store: server.connect() })
       const get = cache.cached(async () => 'value', { name: 'value' })
       const other = server.connect()
       job(async () => {
         await other.open({ key: get.key(), owner: 'other', lease: 600, mode: 'load' })
         return get()
       })`,
      'value',
      500,
    ],
    [
      'for the cache to close',
      `${local}
       let runs = 0
       const load = () => ++runs === 1 ? 'old' : never()
       const get = cache.cached(load, { name: 'value', ttl: 20, staleWhileRevalidate: '1h', hardTimeout: 400 })
       job(async () => {
         await get()
         await pass(50)
         await get()
         await cache.close()
         return 'closed'
       })`,
      'closed',
      400,
    ],
  ])('%s', { timeout: 30_000 }, async (_, program, did, atLeast) => {
    const ended = await run(program)
    expect(ended).toMatchObject({ code: 0, did })
    expect(ended.ms).toBeGreaterThanOrEqual(atLeast)
    expect(ended.ms).toBeLessThan(8000)
  })
})

describe('a process whose cache nobody waits for ends at once without close()', () => {
  const stale = (options: string): string => `
    let runs = 0
    const get = cache.cached(() => ++runs === 1 ? 'old' : refreshed(), { name: 'value', ttl: 20, staleWhileRevalidate: '1h', ${options} })
    job(async () => {
      await get()
      await pass(50)
      return get()
    })`
  const local = `const cache = createCache({ namespace: 'p10', store: memoryStore() })`

  test.concurrent.each<readonly [what: string, program: string, did: string]>([
    ['with a full local store', `${local}; job(async () => { await cache.set('a', 1); return cache.get('a') })`, '1'],
    ['with a refresh in the background that hangs', `${local}; const refreshed = never; ${stale('')}`, 'old'],
    [
      'with a refresh in the background that waits for another attempt',
      `${local}; const refreshed = failing
       ${stale(`guard: retryLoads({ attempts: 9, delay: '10s', when: () => true })`)}`,
      'old',
    ],
    [
      'with a refresh in the background that waits for its place',
      `${local}; const refreshed = never
       const guard = limitLoads({ concurrency: 1 })
       ${stale('guard')}
       const other = cache.cached(never, { name: 'other', guard })`,
      'old',
    ],
    [
      'with a bus and a lease that is renewed for a refresh',
      `const store = [memoryStore(), createReferenceServer().connect()]
       const cache = createCache({ namespace: 'p10', store })
       const refreshed = never
       ${stale('')}`,
      'old',
    ],
    [
      'with a refresh whose store hangs',
      `const store = createReferenceServer().connect({ budget: { read: 60_000, write: 60_000 } })
       const cache = createCache({ namespace: 'p10', store: [memoryStore(), store] })
       const refreshed = never
       ${stale('')}
       setTimeout(() => (store.read = never), 10)`,
      'old',
    ],
    [
      'with an open breaker and invalidations that are owed',
      `const store = createReferenceServer().connect()
       for (const command of ['read', 'readTags', 'open', 'capture', 'invalidate']) store[command] = failing
       const cache = createCache({ namespace: 'p10', store: [memoryStore(), store] })
       const get = cache.cached(async (id) => 'value', { name: 'value' })
       job(async () => {
         for (let id = 0; id < 5; id++) await get(id)
         await get.invalidate(1)
         const [, remote] = cache.health().stores
         return remote.breaker + ' ' + remote.owed
       })`,
      'open 1',
    ],
  ])('%s', { timeout: 30_000 }, async (_, program, did) => {
    const ended = await run(program)
    expect(ended.code).toBe(0)
    expect(String(ended.did)).toBe(did)
    expect(ended.ms).toBeLessThan(8000)
  })
})
