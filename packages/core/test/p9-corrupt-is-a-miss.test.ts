import type { ReferenceStore, ServerRecord } from '@shelflife/conformance'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Isolation } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { checksum } from '../src/checksum.ts'
import { decodeEnvelope, encodeEnvelope, seedOf } from '../src/envelope.ts'

const VALUE = { text: 'loaded', list: [1, 2, 3] }
const VERSION_AT = 2

/** A process without local copies, and what stands in the remote store. */
function setUp({ isolation = 'freeze' as Isolation } = {}) {
  const clock = fakeClock(100_000)
  const server = createReferenceServer({ clock })
  const cache = createCache({ namespace: 'p9', clock, store: server.connect({ clock }), isolation })
  const corrupt: string[] = []
  cache.on('corrupt', ({ key }) => corrupt.push(key))
  let loads = 0
  const get = cache.cached(
    async (_id: number): Promise<unknown> => {
      loads++
      return structuredClone(VALUE)
    },
    { name: 'value', ttl: '1h', jitter: 0, tags: ['tag'] },
  )
  const recordOf = (id: number): ServerRecord => server.records.get(get.key(id))!

  /** What two reads come to after the record was damaged. */
  async function after(damage: (record: ServerRecord, key: string) => void, id = 1) {
    await get(id)
    damage(recordOf(id), get.key(id))
    loads = 0
    corrupt.length = 0
    const first = await get.read(id)
    const second = await get.read(id)
    expect([first.value, second.value]).toEqual([VALUE, VALUE])
    return { outcomes: [first.outcome, second.outcome], loads, corrupt: corrupt.length }
  }

  return { clock, server, cache, get, recordOf, after }
}

const REPLACED = { outcomes: ['miss', 'hit'], loads: 1 }

/** Reproducible bytes. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

describe('bytes that are not an entry of ours are a miss, an event, and replaced', () => {
  test('random bytes of any length', async () => {
    const { after } = setUp()
    for (let length = 0; length < 200; length++) {
      const result = await after((record) => {
        record.envelope = noise(length, length)
      })
      expect(result).toEqual({ ...REPLACED, corrupt: 1 })
    }
  })

  test('random bytes behind a good start', async () => {
    const { after } = setUp()
    for (let kept = 0; kept < 60; kept++) {
      const result = await after((record) => {
        record.envelope = new Uint8Array([...record.envelope.subarray(0, kept), ...noise(100, kept)])
      })
      expect(result).toEqual({ ...REPLACED, corrupt: 1 })
    }
  })

  test('an entry that was cut off, or has something behind it', async () => {
    const { after, get, recordOf } = setUp()
    await get(1)
    const { length } = recordOf(1).envelope
    for (let end = 0; end < length; end++) {
      const result = await after((record) => {
        record.envelope = record.envelope.subarray(0, end)
      })
      expect(result).toEqual({ ...REPLACED, corrupt: 1 })
    }
    const result = await after((record) => {
      record.envelope = new Uint8Array([...record.envelope, 0])
    })
    expect(result).toEqual({ ...REPLACED, corrupt: 1 })
  })

  test('an entry with any one bit flipped', async () => {
    const { after, get, recordOf } = setUp()
    await get(1)
    const bits = recordOf(1).envelope.length * 8
    for (let bit = 0; bit < bits; bit++) {
      const result = await after((record) => {
        record.envelope[bit >> 3]! ^= 1 << (bit & 7)
      })
      expect(result, `bit ${bit}`).toEqual({ ...REPLACED, corrupt: 1 })
    }
  })

  test('the entry of another key', async () => {
    const { after, get, recordOf } = setUp()
    await get(2)
    const result = await after((record) => {
      record.envelope = recordOf(2).envelope
    })
    expect(result).toEqual({ ...REPLACED, corrupt: 1 })
  })

  test('an entry of another format version', async () => {
    const { after } = setUp()
    for (const version of [0, 2, 255]) {
      const result = await after((record) => {
        record.envelope[VERSION_AT] = version
      })
      expect(result).toEqual({ ...REPLACED, corrupt: 1 })
    }
  })

  test('a good envelope around a value that cannot be decoded', async () => {
    const { after } = setUp()
    for (const payload of ['', '{', '{"a":1}}', 'undefined', '\u{FEFF}x', "require('fs')"]) {
      const result = await after((record, key) => {
        const envelope = decodeEnvelope(key, record.envelope)
        record.envelope = encodeEnvelope(key, { ...envelope, payload: new TextEncoder().encode(payload) })
      })
      expect(result).toEqual({ ...REPLACED, corrupt: 1 })
    }
  })
})

test('an entry of a codec with a higher number is a miss and stays: a release that is running has written it', async () => {
  const { after } = setUp()
  const result = await after((record, key) => {
    record.envelope = encodeEnvelope(key, { ...decodeEnvelope(key, record.envelope), codec: 7 })
    record.createdAt++
  })
  expect(result).toMatchObject({ ...REPLACED, loads: 2, outcomes: ['miss', 'miss'] })
})

test('one that was there before this process is a miss and is replaced', async () => {
  const { after } = setUp()
  const result = await after((record, key) => {
    record.envelope = encodeEnvelope(key, { ...decodeEnvelope(key, record.envelope), codec: 7 })
  })
  expect(result).toMatchObject({ outcomes: ['miss', 'hit'], loads: 1 })
})

test('an entry without the tags that it must have is a miss and is replaced', async () => {
  const { after } = setUp()
  const result = await after((record, key) => {
    record.envelope = encodeEnvelope(key, { ...decodeEnvelope(key, record.envelope), tags: [], ids: [] })
  })
  expect(result).toMatchObject(REPLACED)
})

test('an entry with invented tag ids is a miss and is replaced', async () => {
  const { after } = setUp()
  for (const id of ['', '.', 'a.b', 'undefined', '__proto__']) {
    const result = await after((record, key) => {
      const envelope = decodeEnvelope(key, record.envelope)
      record.envelope = encodeEnvelope(key, { ...envelope, ids: envelope.ids.map(() => id) })
    })
    expect(result).toMatchObject(REPLACED)
  }
})

describe.each(['freeze', 'clone', 'share'] as const)('a payload full of prototypes (isolation %s)', (isolation) => {
  test('changes no prototype', async () => {
    const { get, recordOf } = setUp({ isolation })
    const key = get.key(1)
    await get(1)
    const text =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"list":[{"__proto__":{"polluted":3}}]}'
    const record = recordOf(1)
    const envelope = decodeEnvelope(key, record.envelope)
    record.envelope = encodeEnvelope(key, { ...envelope, payload: new TextEncoder().encode(text) })
    const value = (await get(1)) as { readonly list: readonly object[]; readonly polluted?: unknown }
    for (const object of [value, value.list[0]!]) {
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
      expect('polluted' in object).toBe(false)
    }
    expect('polluted' in {}).toBe(false)
    expect(JSON.stringify(value)).toBe(text)
  })
})

describe('times that cannot be are not believed', () => {
  const HOUR = 3_600_000
  const times: readonly (readonly [string, (now: number) => Partial<ServerRecord>])[] = [
    ['created in the future', (now) => ({ createdAt: now + HOUR, freshUntil: now + 2 * HOUR })],
    ['created at NaN', () => ({ createdAt: Number.NaN })],
    ['created at Infinity', () => ({ createdAt: Infinity })],
    ['created at -Infinity', () => ({ createdAt: -Infinity })],
    ['fresh for longer than its ttl', (now) => ({ freshUntil: now + 10 * HOUR })],
    ['fresh until NaN', () => ({ freshUntil: Number.NaN })],
    ['fresh until Infinity', () => ({ freshUntil: Infinity })],
    ['fresh until -Infinity', () => ({ freshUntil: -Infinity })],
    ['kept until NaN and fresh until NaN', () => ({ keepUntil: Number.NaN, freshUntil: Number.NaN })],
    ['all of them NaN', () => ({ createdAt: Number.NaN, freshUntil: Number.NaN, keepUntil: Number.NaN })],
  ]

  test.each(times)('%s', async (_, change) => {
    const { after, clock } = setUp()
    expect(await after((record) => void Object.assign(record, change(clock.now())))).toMatchObject(REPLACED)
  })

  const lifetimes = [0, -1, Number.NaN, -Infinity]
  test.each(lifetimes)('a ttl of %s in the envelope is corrupt', async (ttl) => {
    const { after } = setUp()
    const result = await after((record, key) => {
      record.envelope = encodeEnvelope(key, { ...decodeEnvelope(key, record.envelope), ttl })
    })
    expect(result).toEqual({ ...REPLACED, corrupt: 1 })
  })

  test.each([-1, Number.NaN, -Infinity])('stale windows and costs of %s in the envelope are corrupt', async (ms) => {
    for (const field of ['staleWhileRevalidate', 'staleIfError', 'cost'] as const) {
      const { after } = setUp()
      const result = await after((record, key) => {
        record.envelope = encodeEnvelope(key, { ...decodeEnvelope(key, record.envelope), [field]: ms })
      })
      expect(result).toEqual({ ...REPLACED, corrupt: 1 })
    }
  })
})

/** The store as a release sees it whose format has another version. */
function asVersion(store: ReferenceStore, version: number): ReferenceStore {
  const swapped = (key: string, envelope: Uint8Array): Uint8Array => {
    const copy = envelope.slice()
    copy[VERSION_AT] = copy[VERSION_AT] === 1 ? version : copy[VERSION_AT] === version ? 1 : copy[VERSION_AT]!
    const seed = seedOf(key, copy[VERSION_AT]!, copy[VERSION_AT + 1]!)
    new DataView(copy.buffer).setUint32(4, checksum(copy, 8, seed))
    return copy
  }
  return {
    ...store,
    commit: (request) => store.commit({ ...request, envelope: swapped(request.key, request.envelope) }),
    async read(key, tags) {
      const { record, ids } = await store.read(key, tags)
      return { record: record && { ...record, envelope: swapped(key, record.envelope) }, ids }
    },
    async open(request) {
      const opened = await store.open(request)
      if (opened.state !== 'filled') return opened
      return { ...opened, record: { ...opened.record, envelope: swapped(request.key, opened.record.envelope) } }
    },
  }
}

describe('two releases with different formats on one store', () => {
  function releases() {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    return [server.connect({ clock }), asVersion(server.connect({ clock }), 2)].map((store, release) => {
      const cache = createCache({ namespace: 'p9', clock, store })
      let loads = 0
      const get = cache.cached(async () => `release ${release + 1}, load ${++loads}`, { name: 'value', ttl: '1h' })
      return { get, loads: () => loads }
    })
  }

  test('each get values of their own release only', async () => {
    const [older, newer] = releases()
    for (let i = 0; i < 10; i++) {
      expect(await older!.get()).toContain('release 1')
      expect(await newer!.get()).toContain('release 2')
    }
  })

  test('do not overwrite each other for ever: one of them comes to rest', async () => {
    const [older, newer] = releases()
    for (let i = 0; i < 20; i++) {
      await older!.get()
      await newer!.get()
    }
    expect(Math.min(older!.loads(), newer!.loads())).toBeLessThanOrEqual(2)
  })

  test('see each other’s invalidations', async () => {
    const [older, newer] = releases()
    await newer!.get()
    await older!.get.invalidate()
    expect(await newer!.get()).toBe('release 2, load 2')
  })
})
