import type { RemoteStore } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { afterAll, expect, test } from 'vitest'

import { startFront } from './front.ts'

const { server, store } = await startFront()
const [upstash, ioredis] = [store(), ioredisStore(server.url)]
afterAll(() => Promise.all([upstash.close(), ioredis.close()]))

const times = { age: 0, ttl: 60_000, keep: 60_000 }

async function write(to: RemoteStore, key: string, envelope: Uint8Array): Promise<void> {
  const owner = crypto.randomUUID()
  const opened = await to.open({ key, owner, lease: 0, mode: 'load' })
  if (opened.state !== 'granted') throw new Error(opened.state)
  expect(await to.commit({ key, owner, fence: opened.fence, envelope, ...times })).toBe(true)
}

const random = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536))
  return bytes
}

const SAMPLES = {
  'every byte': Uint8Array.from({ length: 256 }, (_, i) => i),
  'every byte after every other': Uint8Array.from({ length: 131_072 }, (_, i) => (i % 2 === 0 ? i >> 9 : i >> 1)),
  'what looks like text that was made of bytes': new TextEncoder().encode('\u0100\u01ff"\\é\u{1f375}OK'),
  nothing: new Uint8Array(0),
  'a mebibyte of anything': random(2 ** 20),
}

test.each(Object.entries(SAMPLES))('%s comes back, and is what other clients read and write', async (name, bytes) => {
  await write(upstash, `up ${name}`, bytes)
  await write(ioredis, `io ${name}`, bytes)
  for (const from of [upstash, ioredis]) {
    for (const key of [`up ${name}`, `io ${name}`]) {
      const { record } = await from.read(key, [])
      expect(Buffer.compare(record!.envelope, bytes), `${from.label} of ${key}`).toBe(0)
    }
  }
})

test('names of any characters are the same for other clients', async () => {
  for (const key of ['é"\\\u{1f375}\0', '\ud800', 'null', '3']) {
    await write(upstash, key, Uint8Array.of(1))
    expect((await ioredis.read(key, [])).record?.envelope).toEqual(Uint8Array.of(1))
    const { ids } = await upstash.capture({ tags: [key], keep: 60_000 })
    expect(await ioredis.readTags([key])).toEqual(ids)
  }
})
