import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Duration, RemoteStore } from '@shelflife/core'
import { createCache, encodeArguments, ShelflifeError, toMilliseconds } from '@shelflife/core'
import { jsonCodec } from '@shelflife/core/protocol'
import { describe, expect, test } from 'vitest'

import { checksum } from '../src/checksum.ts'
import type { Envelope } from '../src/envelope.ts'
import { decodeEnvelope, encodeEnvelope, isNewer, seedOf } from '../src/envelope.ts'
import type { Chance } from './fuzz-bytes.ts'
import { damaged, fuzz, seeds } from './fuzz-bytes.ts'

const KEY = 'shop/product(42)'
const TIMEOUT = 120_000
const encoder = new TextEncoder()

const payloads = [
  '',
  'null',
  '{"id":42,"name":"tv"}',
  '[1,2,[3,{"a":"é"}]]',
  '"text"',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}},"toString":1,"then":null}',
].map((text) => encoder.encode(text))

const envelopes = payloads.map((payload, i): Envelope => ({
  codec: 1 + (i % 3),
  ttl: i % 2 === 0 ? 60_000 : Infinity,
  staleWhileRevalidate: 1000 * i,
  staleIfError: i,
  earlyRefresh: i % 4 === 0 ? 0.5 : 0,
  sliding: i % 5 === 0,
  cost: i / 2,
  tier: i % 2 === 0 ? 'dynamic' : '',
  tags: Array.from({ length: i % 4 }, (_, tag) => `shop#tag/${tag}é`),
  ids: Array.from({ length: i % 4 }, (_, id) => `a${id}.b${id}`),
  payload,
}))
const samples = envelopes.map((envelope) => encodeEnvelope(KEY, envelope))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const known = new Set(samples.map(hexOf))

/** The same with a checksum that fits, so that what stands behind it is reached. */
function repaired(bytes: Uint8Array, { below }: Chance): Uint8Array {
  if (bytes.length < 8) return bytes
  const whole = bytes.slice()
  const view = new DataView(whole.buffer)
  view.setUint16(0, 0x534c)
  // the first format mostly, and otherwise any
  if (below(8) > 0) view.setUint8(2, 1)
  view.setUint32(4, checksum(whole, 8, seedOf(KEY, view.getUint8(2), view.getUint8(3))))
  return whole
}

function decoded(key: string, bytes: Uint8Array): Envelope | undefined {
  try {
    return decodeEnvelope(key, bytes)
  } catch (error) {
    if (error instanceof ShelflifeError && error.code === 'corrupt-envelope') return undefined
    throw error
  }
}

const areTexts = (list: unknown): boolean => Array.isArray(list) && list.every((one) => typeof one === 'string')

function isSound(envelope: Envelope, bytes: Uint8Array): boolean {
  const { codec, ttl, staleWhileRevalidate, staleIfError, cost, tier, tags, ids, payload } = envelope
  const arePeriods = [staleWhileRevalidate, staleIfError, cost].every((period) => period >= 0)
  const isInside =
    payload.buffer === bytes.buffer && payload.byteOffset + payload.length <= bytes.byteOffset + bytes.length
  const areNames = typeof tier === 'string' && areTexts(tags) && areTexts(ids) && tags.length === ids.length
  const isWhole = 44 + Buffer.from(bytes).readUInt32BE(8) + payload.length === bytes.length
  return isWhole && codec >= 0 && codec < 256 && ttl > 0 && arePeriods && isInside && areNames
}

/** Values of all kinds, some of which no key can be made of. */
function anything({ below, pick }: Chance, depth = 0): unknown {
  const inner = (): unknown => (depth > 6 ? 1 : anything({ below, pick } as Chance, depth + 1))
  const list = (): unknown[] => Array.from({ length: below(4) }, inner)
  const text = (): string => String.fromCharCode(...Array.from({ length: below(6) }, () => below(0x1_0000)))
  const name = (): string => pick(['a', 'then', '__proto__', 'constructor', 'toJSON', text()])
  const record = (): object => Object.fromEntries(list().map((one) => [name(), one]))
  const makers: readonly (() => unknown)[] = [
    () => pick([undefined, null, true, 0, -0, Number.NaN, Infinity, -1.5, 2n ** 70n, '', '"', '\u2028']),
    text,
    list,
    record,
    () => new Map(list().map((one) => [inner(), one])),
    () => new Set(list()),
    () => new Date(pick([0, 1e15, Number.NaN])),
    () => new URL(`https://example.com/${below(10)}`),
    () => new Uint8Array(below(5)),
    () => Object.assign(list(), record()),
    () => Object.assign(new Map(), record()),
    () => Object.assign(Object.create(null) as object, record()),
    () => Object.create(record()) as unknown,
    () => new (class {})(),
    () => new (class extends Map {})(),
    () => Array<unknown>(1).concat(inner()),
    () => Symbol('symbol'),
    () => ({ [Symbol('name')]: 1 }),
    () => () => {},
    () => /x/,
    () => new Error('error'),
    () => Promise.resolve(),
    () => new Proxy({}, {}),
    () => {
      const cycle: unknown[] = []
      cycle.push(cycle, inner())
      return cycle
    },
    () => Array.from({ length: 80 }).reduce((nested) => [nested], inner()),
  ]
  return pick(makers)()
}

describe.each(seeds)('seed %d', (seed) => {
  test(
    'damaged envelopes are corrupt, and never another entry',
    () =>
      fuzz({ seed, count: 200_000 }, (chance) => {
        const bytes = damaged(samples, chance)
        const envelope = decoded(KEY, bytes)
        if (envelope !== undefined && !known.has(hexOf(bytes))) throw new Error(`believed: ${hexOf(bytes)}`)
        if (decoded('shop/product(43)', bytes) !== undefined) throw new Error(`of another key: ${hexOf(bytes)}`)
        if (isNewer(KEY, bytes)) throw new Error(`newer: ${hexOf(bytes)}`)
      }),
    TIMEOUT,
  )

  test(
    'damaged envelopes with a checksum that fits are corrupt or sound',
    () =>
      fuzz({ seed, count: 150_000 }, (chance, i) => {
        const bytes = repaired(damaged(samples, chance), chance)
        const envelope = decoded(KEY, bytes)
        if (envelope !== undefined && !isSound(envelope, bytes)) throw new Error(`unsound: ${hexOf(bytes)}`)
        if (isNewer(KEY, bytes) && envelope !== undefined) throw new Error(`both: ${hexOf(bytes)}`)
        // what is remembered of the last header stays right
        const own = i % samples.length
        if (decoded(KEY, samples[own]!)?.tags.join() !== envelopes[own]!.tags.join()) throw new Error('another header')
      }),
    TIMEOUT,
  )

  test(
    'damaged JSON is corrupt or a value',
    () =>
      fuzz({ seed, count: 100_000 }, (chance) => {
        try {
          jsonCodec.decode(damaged(payloads, chance))
        } catch (error) {
          if (!(error instanceof ShelflifeError) || error.code !== 'corrupt-envelope') throw error
        }
      }),
    TIMEOUT,
  )

  test(
    'any text is a duration or refused',
    () =>
      fuzz({ seed, count: 100_000 }, ({ below, pick }) => {
        const parts = ['1', '30', '0.5', '.', '-', 'ms', 's', 'm', 'h', 'd', ' ', 'e', '1e9', '9'.repeat(20), '\0', 'é']
        const text = Array.from({ length: below(8) }, () => pick(parts)).join('')
        try {
          const ms = toMilliseconds(text as Duration, 'ttl')
          if (!(ms > 0 && ms < Number.MAX_SAFE_INTEGER)) throw new TypeError(`${text} is ${ms}`)
        } catch (error) {
          if (!(error instanceof ShelflifeError) || error.code !== 'invalid-duration') throw error
        }
      }),
    TIMEOUT,
  )

  test(
    'any arguments make a key or are refused',
    () =>
      fuzz({ seed, count: 50_000 }, (chance) => {
        const args = Array.from({ length: chance.below(3) }, () => anything(chance))
        try {
          const key = encodeArguments(args)
          if (key !== encodeArguments(args)) throw new TypeError('another key the second time')
        } catch (error) {
          if (!(error instanceof ShelflifeError) || error.code !== 'invalid-key') throw error
        }
      }),
    TIMEOUT,
  )
})

const VALUE = { id: 42, name: 'tv' }

describe.each(seeds)('a cache whose store answers garbage, seed %d', (seed) => {
  function setUp(change: (store: RemoteStore) => Partial<RemoteStore> = () => ({})) {
    const clock = fakeClock(1_000_000)
    const server = createReferenceServer({ clock })
    const connection = server.connect({ clock, bus: false })
    const store: RemoteStore = { ...connection, ...change(connection) }
    const cache = createCache({ namespace: 'shop', store, codec: jsonCodec, clock })
    const get = cache.cached(async (_id: number) => structuredClone(VALUE), { name: 'product', tags: ['tag'] })
    return { clock, server, cache, get }
  }

  test(
    'damaged records are loaded anew, and never another value',
    async () => {
      const { server, cache, get } = setUp()
      await get(42)
      const key = get.key(42)
      const whole = [server.records.get(key)!.envelope]
      await fuzz({ seed, count: 10_000 }, async (chance) => {
        const record = server.records.get(key)!
        record.envelope = damaged(whole, chance)
        if (chance.below(4) === 0) record.createdAt = chance.pick([Number.NaN, Infinity, -Infinity, 1e300, 0])
        if (chance.below(4) === 0) record.freshUntil = chance.pick([Number.NaN, -Infinity, 0])
        expect(await get(42)).toEqual(VALUE)
      })
      await cache.close()
    },
    TIMEOUT,
  )

  test(
    'damaged records with a checksum that fits do not throw',
    async () => {
      const { server, cache, get } = setUp()
      await get(42)
      const key = get.key(42)
      const whole = [server.records.get(key)!.envelope]
      await fuzz({ seed, count: 10_000 }, async (chance) => {
        server.records.get(key)!.envelope = repaired(damaged(whole, chance), chance)
        await get(42)
      })
      await cache.close()
    },
    TIMEOUT,
  )

  test(
    'answers of any kind do not throw',
    async () => {
      let chance: Chance | undefined
      const { cache, clock, get } = setUp((store) => {
        const lie = <T>(truth: T): T => {
          if (chance === undefined || chance.below(3) > 0) return truth
          const part = anything(chance)
          return (typeof truth === 'object' && chance.below(2) === 0 ? { ...truth, ...(part as object) } : part) as T
        }
        return {
          read: async (key, tags) => lie(await store.read(key, tags)),
          readTags: async (tags) => lie(await store.readTags(tags)),
          open: async (request) => lie(await store.open(request)),
          capture: async (request) => lie(await store.capture(request)),
          commit: async (request) => lie(await store.commit(request)),
        }
      })
      await fuzz({ seed, count: 2000 }, async (random) => {
        chance = random
        const call = get(random.below(50))
        // whoever is told to wait for somebody else does so until the lease has ended
        for (let i = 0; i < 4; i++) {
          await new Promise(setImmediate)
          clock.advance(20_000)
        }
        expect(await call).toEqual(VALUE)
      })
      chance = undefined
      await cache.close()
    },
    TIMEOUT,
  )
})
