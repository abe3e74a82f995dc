import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Codec } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { jsonCodec } from '@shelflife/core/protocol'
import { compressed, encrypted, msgpackCodec, refusing } from '@shelflife/msgpack'
import { describe, expect, test } from 'vitest'

import { randomKey } from './random-key.ts'
import { objection } from './thrown.ts'

const keys = [{ id: 'a', key: randomKey() }]
const compressedCodec = compressed(msgpackCodec, { above: 0 })

const configurations: readonly Codec[] = [jsonCodec, msgpackCodec].flatMap((codec) => [
  codec,
  compressed(codec),
  encrypted(codec, { keys }),
  encrypted(compressed(codec), { keys }),
])

describe('ids', () => {
  test('say what is around a codec', () => {
    expect(configurations.map(({ id }) => id)).toEqual([1, 65, 129, 193, 2, 66, 130, 194])
  })

  test('cannot be made twice or in the wrong order', async () => {
    const secret = encrypted(msgpackCodec, { keys })
    expect(await objection(() => compressed(secret))).toMatch(/encrypted\(compressed\(codec\)\)/)
    expect(await objection(() => compressed(compressedCodec))).toMatch(/once with each/)
    expect(await objection(() => encrypted(secret, { keys }))).toMatch(/once with each/)
    expect(await objection(() => compressed({ ...jsonCodec, id: 64 }))).toMatch(/1 to 63/)
    expect(await objection(() => encrypted({ ...jsonCodec, id: 0 }, { keys }))).toMatch(/1 to 63/)
  })
})

describe('in a cache', () => {
  const value = { at: new Date(0), list: Array(100).fill('text') }

  /** Writes with one codec, reads with another. */
  async function readAfter(writer: Codec, reader: Codec) {
    const clock = fakeClock(100_000)
    const server = createReferenceServer({ clock })
    const corrupt: string[] = []
    const [write, read] = [writer, reader].map((codec) => {
      const cache = createCache({ namespace: 'ids', clock, store: server.connect({ clock }), codec })
      cache.on('corrupt', ({ key }) => corrupt.push(key))
      return cache.cached(async () => value, { name: 'value', ttl: '1h', jitter: 0 })
    })
    await write!()
    const { outcome, value: found } = await read!.read()
    expect(found).toStrictEqual(value)
    return { outcome, corrupt: corrupt.length }
  }

  const able = configurations.filter(({ id }) => (id & 0x3f) === msgpackCodec.id)

  test('a reader with the same configuration has a hit', async () => {
    for (const codec of able) expect(await readAfter(codec, codec)).toEqual({ outcome: 'hit', corrupt: 0 })
  })

  test('a reader with another configuration has a miss', async () => {
    for (const writer of able) {
      for (const reader of configurations) {
        if (reader !== writer) expect(await readAfter(writer, reader)).toEqual({ outcome: 'miss', corrupt: 0 })
      }
    }
  })

  test('a wrong key is a miss, and an event', async () => {
    const [writer, reader] = [randomKey(), randomKey()].map((key) =>
      encrypted(msgpackCodec, { keys: [{ id: 'a', key }] }),
    )
    expect(await readAfter(writer!, reader!)).toEqual({ outcome: 'miss', corrupt: 1 })
  })
})

const codec: Codec = { id: 40, name: 'own', encode: () => new Uint8Array(), decode: () => undefined }
const key = randomKey()

test.each([
  ['compressed, nothing', () => compressed(undefined as never), 'codec.encode must be a function'],
  ['compressed, null', () => compressed(codec, null as never), 'must be an object; received null'],
  ['compressed, an option that is none', () => compressed(codec, { level: 9 } as never), "no option 'level'"],
  ['encrypted, no options', () => encrypted(codec, undefined as never), 'must be an object; received undefined'],
  ['encrypted, a key for options', () => encrypted(codec, 'hunter2' as never), 'must be an object; received "text"'],
  ['encrypted, no keys', () => encrypted(codec, {} as never), 'keys must be a list'],
  ['encrypted, a key for a list', () => encrypted(codec, { keys: 'hunter2' } as never), 'keys must be a list'],
  ['encrypted, keys without ids', () => encrypted(codec, { keys: ['hunter2'] } as never), 'keys[0] must be an object'],
  ['encrypted, too much', () => encrypted(codec, { keys: [{ id: 'a', key, kid: 1 }] } as never), "no option 'kid'"],
  ['refusing, no list', () => refusing(codec, undefined as never), 'carries must be a list; received undefined'],
  ['refusing, no codec', () => refusing({} as never, []), 'codec.encode must be a function; received undefined'],
  ['refusing, an id of ours', () => refusing({ ...codec, id: 2 }, []), 'codec.id must be a whole number from 32 to 63'],
  [
    'refusing, a wrapped id',
    () => refusing({ ...codec, id: 104 }, []),
    'codec.id must be a whole number from 32 to 63',
  ],
  ['refusing, a text', () => refusing({ ...codec, id: '42' as never }, []), 'codec.id must be a whole number'],
])('what is no codec, option or key is told: %s', async (_, make, message) => {
  const told = await objection(make)
  expect(told).toContain(message)
  expect(told).not.toContain('hunter2')
})
