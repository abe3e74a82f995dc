import { createReferenceServer } from '@shelflife/conformance'
import type { Codec } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { jsonCodec } from '@shelflife/core/protocol'
import { memoryStore } from '@shelflife/memory'
import { compressed, encrypted, msgpackCodec } from '../src/index.ts'
import { describe, expect, test } from 'vitest'

const keys = [{ id: 'one', key: new Uint8Array(32) }]
const CODECS = {
  json: jsonCodec,
  msgpack: msgpackCodec,
  compressed: compressed(msgpackCodec),
  encrypted: encrypted(msgpackCodec, { keys }),
}

const pairs = Object.keys(CODECS).flatMap((from) =>
  Object.keys(CODECS)
    .filter((to) => to !== from)
    .map((to) => [from, to] as [keyof typeof CODECS, keyof typeof CODECS]),
)

test('what is not believed is overwritten, whatever codec it was stored with', async () => {
  const store = createReferenceServer().connect()
  const unbelieved: typeof store = {
    ...store,
    async read(key, tags) {
      const found = await store.read(key, tags)
      return { ...found, record: found.record && { ...found.record, createdAt: Infinity } }
    },
  }
  const open = (codec: Codec, from: typeof store) => createCache({ namespace: 'codec', store: from, codec })
  const before = open(CODECS.compressed, store)
  await before.set('key', 1)
  const after = open(CODECS.msgpack, unbelieved)
  let commits = 0
  after.on('commit', () => void commits++)
  await after.getOrLoad('key', () => 2)
  expect(commits).toBe(1)
  await after.close()
})

describe.each([false, true])('memory in front of the remote store: %s', (isBoth) => {
  test.each(pairs)('a release with another codec costs one load a key: %s to %s', async (from, to) => {
    const server = createReferenceServer()
    let loads = 0
    function start(codec: Codec) {
      const remote = server.connect()
      const cache = createCache({ namespace: 'codec', store: isBoth ? [memoryStore(), remote] : remote, codec })
      return { cache, get: cache.cached(async (id: number) => (loads++, { id }), { name: 'value', tier: 'reference' }) }
    }
    const before = start(CODECS[from])
    for (let id = 0; id < 20; id++) await before.get(id)
    await before.cache.close()
    await new Promise((resolve) => void setTimeout(resolve, 2))
    loads = 0
    const after = [start(CODECS[to]), start(CODECS[to])]
    for (let round = 0; round < 5; round++) {
      for (const { get } of after) for (let id = 0; id < 20; id++) expect(await get(id)).toEqual({ id })
    }
    expect(loads).toBe(20)
    for (const { cache } of after) await cache.close()
  })
})
