import { msgpackCodec } from '@shelflife/msgpack'
import { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'

import type { OpenOptions, Peer, Subject } from './peer.ts'

/** How values are kept on Redis. */
interface Form {
  get(client: Redis, id: string): Promise<unknown>
  set(client: Redis, id: string, value: unknown, ttl: number): Promise<unknown>
}

const JSON_TEXT: Form = {
  async get(client, id) {
    const text = await client.get(`json:${id}`)
    return text === null ? undefined : JSON.parse(text)
  },
  set: (client, id, value, ttl) => client.set(`json:${id}`, JSON.stringify(value), 'PX', ttl),
}

const MESSAGE_PACK: Form = {
  async get(client, id) {
    const bytes = await client.getBuffer(`msgpack:${id}`)
    return bytes === null ? undefined : msgpackCodec.decode(bytes)
  },
  async set(client, id, value, ttl) {
    return client.set(`msgpack:${id}`, Buffer.from(await msgpackCodec.encode(value)), 'PX', ttl)
  },
}

function openLocal({ load, argumentsAre }: OpenOptions): Subject {
  const map = new Map<unknown, unknown>()
  const key = (argument: unknown): unknown => (argumentsAre === 'any' ? JSON.stringify(argument) : argument)
  async function fill(argument: unknown): Promise<unknown> {
    const value = await load(argument)
    map.set(key(argument), value)
    return value
  }
  return {
    read: async (argument) => map.get(key(argument)) ?? fill(argument),
    set: async (value, argument) => void map.set(key(argument), value),
    key: JSON.stringify as Subject['key'] & {},
    close: async () => map.clear(),
  }
}

async function openRemote({ layout, url, load, ttl, maxEntries = 1000 }: OpenOptions, form: Form): Promise<Subject> {
  const client = new Redis(url)
  const near = layout === 'both' ? new LRUCache<string, {}>({ max: maxEntries, ttl: ttl as number }) : undefined
  async function read(id: unknown): Promise<unknown> {
    const found = near?.get(id as string) ?? (await form.get(client, id as string))
    if (found !== undefined) {
      if (near?.has(id as string) === false) near.set(id as string, found as {})
      return found
    }
    const value = await load(id)
    await put(value, id)
    return value
  }
  async function put(value: unknown, id: unknown): Promise<void> {
    near?.set(id as string, value as {})
    await form.set(client, id as string, value, ttl as number)
  }
  return { read, set: put, close: async () => client.disconnect() }
}

/** The least that one could write: no limits, no tags, no shared loads, nobody else is told. */
export const byHand: Peer = {
  name: 'by hand',
  variant: 'by hand',
  setUp: 'a `Map`, `get` and `JSON.parse` with ioredis, or both behind an lru-cache; tags are left out',
  features: ['local', 'remote', 'both', 'keys', 'keyOf', 'tags', 'set'],
  imports: {},
  open: async (options) => (options.layout === 'local' ? openLocal(options) : openRemote(options, JSON_TEXT)),
}

export const byHandDecoded: Peer = {
  name: 'by hand, MessagePack',
  variant: 'by hand',
  setUp: '`getBuffer` with ioredis, and `decode` of @shelflife/msgpack',
  features: ['remote'],
  imports: {},
  open: (options) => openRemote(options, MESSAGE_PACK),
}
