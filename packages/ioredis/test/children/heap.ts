import { setTimeout as sleep } from 'node:timers/promises'

import type { Cached, CacheOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { compressed, msgpackCodec } from '@shelflife/msgpack'

import { serve, setup } from './serve.ts'

/** Where values come from: the loader, `set`, or what another process had put into Redis. */
export type HeapSource = 'loaded' | 'set' | 'Redis, msgpack' | 'Redis, compressed'

export interface HeapSetup {
  readonly url: string
  readonly source: HeapSource
}

export interface Growth {
  /** Bytes, as the cache counts them. */
  readonly accounted: number
  /** Bytes that heap and buffers together have grown by. */
  readonly grown: number
}

interface Kind {
  readonly entries: number
  readonly value: (seed: number) => unknown
  readonly key?: (seed: number) => string
  readonly tags?: (seed: number) => readonly string[]
}

// built from bytes: repeat() and + give ropes, which cost something else until they are read
const text = (length: number, seed: number): string =>
  Buffer.from(String(seed).padStart(length, 'text '), 'latin1').toString('latin1')

const row = (seed: number): object => ({ id: seed, name: text(12, seed), price: seed * 1.01, isSold: seed % 2 === 0 })

const product = (seed: number): object => ({
  ...row(seed),
  tags: [text(8, seed), text(9, seed)],
  stock: { berlin: seed, paris: { at: [seed, seed + 1], shelf: text(5, seed) } },
})

const list = <Item>(length: number, item: (i: number) => Item): Item[] => Array.from({ length }, (_, i) => item(i))

const page = (seed: number): string => list(1000, (i) => `<p class="paragraph">${text(70, seed + i)}</p>`).join('\n')

const KINDS: Readonly<Record<string, Kind>> = {
  numbers: { entries: 10_000, value: (seed) => seed },
  'short text': { entries: 10_000, value: (seed) => text(20, seed) },
  'small objects': { entries: 10_000, value: row },
  'nested objects': { entries: 10_000, value: product },
  'objects with 8 names of their own': {
    entries: 10_000,
    value: (seed) => Object.fromEntries(list(8, (i) => [`article-${seed * 8 + i}`, i])),
  },
  'lists of 2,000 small objects': { entries: 40, value: (seed) => list(2000, (i) => row(seed * 2000 + i)) },
  'lists of 1,000 whole numbers': { entries: 500, value: (seed) => list(1000, (i) => seed + i) },
  'lists of 1,000 fractions': { entries: 500, value: (seed) => list(1000, (i) => (seed + i) / 7) },
  'Maps of 1,000': { entries: 100, value: (seed) => new Map(list(1000, (i) => [text(12, seed * 1000 + i), i])) },
  'Sets of 1,000': { entries: 100, value: (seed) => new Set(list(1000, (i) => text(12, seed * 1000 + i))) },
  'objects with two Dates': { entries: 10_000, value: (seed) => ({ from: new Date(seed), to: new Date(seed + 1) }) },
  'HTML of 100 kB': { entries: 100, value: page },
  'a number with 30 tags of its own': {
    entries: 4000,
    value: (seed) => seed,
    tags: (seed) => list(30, (i) => `product:${seed}-${i}`),
  },
  'a number with a key of 1,000 characters': { entries: 4000, value: (seed) => seed, key: (seed) => text(1000, seed) },
  'buffers of 256 kB': { entries: 50, value: (seed) => Buffer.alloc(2 ** 18, seed) },
  'buffers of 40 bytes': { entries: 10_000, value: (seed) => Buffer.from(text(40, seed)) },
}

const AT_ONCE = 50

/** When nothing becomes less any more, also not of what was measured before. */
async function used(): Promise<number> {
  let least = Infinity
  for (;;) {
    globalThis.gc?.()
    await sleep(30)
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external > least - 1000) return heapUsed + external
    least = heapUsed + external
  }
}

async function forEach([from, to]: readonly [number, number], work: (seed: number) => Promise<unknown>): Promise<void> {
  for (let i = from; i < to; i += AT_ONCE) {
    await Promise.all(list(Math.min(AT_ONCE, to - i), (each) => work(i + each)))
  }
}

const { url, source } = setup<HeapSetup>()
const isRemote = source.startsWith('Redis')
const codec = source === 'Redis, compressed' ? compressed(msgpackCodec) : msgpackCodec

const remote = () => ioredisStore(url, { budget: { read: 10_000, write: 10_000 } })

function wrap(kind: string, store: CacheOptions['store'], loads: boolean) {
  const cache = createCache({ namespace: source.replaceAll(/\W/g, '-'), store, codec })
  const { value, key = String, tags } = KINDS[kind] as Kind
  const load = async (name: string, seed: number): Promise<unknown> => {
    if (!loads) throw new Error(`${name} should have been there`)
    return value(seed)
  }
  const get: Cached<[name: string, seed: number], unknown> = cache.cached(load, {
    name: kind.replaceAll(/\W/g, '-'),
    ttl: '1h',
    key: (name) => name,
    ...(tags && { tags: (_name: string, seed: number) => tags(seed) }),
  })
  return {
    cache,
    get,
    put: (seed: number) => get.set(value(seed) as object, key(seed), seed),
    read: (seed: number) => get(key(seed), seed),
  }
}

serve({
  /** Puts what another process is to find into Redis. */
  async write(kind: string): Promise<void> {
    const { cache, put } = wrap(kind, remote(), true)
    await forEach([0, (KINDS[kind] as Kind).entries], put)
    await cache.close()
  },
  async measure(kind: string): Promise<Growth> {
    const local = memoryStore({ maxEntries: 100_000, maxBytes: 2 ** 32 })
    const { cache, put, read } = wrap(kind, isRemote ? [local, remote()] : local, !isRemote)
    const { entries } = KINDS[kind] as Kind

    async function fill(from: number, to: number): Promise<void> {
      if (source === 'set') await forEach([from, to], put)
      // a hit as well, which keeps what it hands out
      for (let i = 0; i < 2; i++) await forEach([from, to], read)
    }

    // with what is made once, and not for each entry
    await fill(0, entries / 10)
    const before = { accounted: cache.stats().bytes, used: await used() }
    await fill(entries / 10, entries)
    const grown = (await used()) - before.used
    const stats = cache.stats()
    if (stats.entries !== entries) throw new Error(`${stats.entries} of ${entries} entries are kept`)
    await cache.close()
    return { accounted: stats.bytes - before.accounted, grown }
  },
})
