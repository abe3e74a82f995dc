import { Redis } from 'ioredis'
import type { StorageInterface } from 'ocache'
import {
  composeStorage,
  createBlobStorage,
  createMemoryStorage,
  defineCachedFunction,
  defineCachedHandler,
} from 'ocache'

import type { OpenOptions, Peer } from './peer.ts'
import { requestText } from './request-text.ts'

function redisStorage(client: Redis): StorageInterface {
  return createBlobStorage({
    get: (key) => client.getBuffer(key),
    async set(key, value, options) {
      if (value === null) await client.del(key)
      else if (options?.ttl === undefined) await client.set(key, Buffer.from(value))
      else await client.set(key, Buffer.from(value), 'PX', Math.max(1, Math.round(options.ttl * 1000)))
    },
  })
}

function storageOf({ layout, ttl, maxEntries, keep }: OpenOptions, client: Redis | undefined): StorageInterface {
  const memory = (): StorageInterface =>
    createMemoryStorage(keep(maxEntries === undefined ? {} : { maxSize: maxEntries, maxBytes: 0 }))
  if (client === undefined) return memory()
  if (layout === 'remote') return redisStorage(client)
  return composeStorage([{ storage: memory(), ttl: (ttl as number) / 1000 }, redisStorage(client)], {
    onError: () => {},
  })
}

export const ocache: Peer = {
  name: 'ocache',
  npm: 'ocache',
  setUp:
    '`defineCachedFunction(load, { name, maxAge, swr, staleMaxAge })` on `createMemoryStorage`, `createBlobStorage` over ioredis, or `composeStorage` of both; `getKey` where the argument is a text; `defineCachedHandler` with `allowQuery`',
  features: [
    'local',
    'remote',
    'both',
    'keys',
    'keyOf',
    'arguments',
    'invalidate',
    'flight',
    'lifetime',
    'stale',
    'timeout',
    'http',
  ],
  imports: {
    local: { ocache: ['defineCachedFunction'] },
    remote: { ocache: ['defineCachedFunction', 'createBlobStorage', 'composeStorage'] },
  },
  async open(options) {
    const { layout, url, load, stale, timeout, argumentsAre, keep } = options
    const maxAge = (options.ttl as number) / 1000
    const client = layout === 'local' ? undefined : new Redis(url)
    client?.on('error', () => {})
    const storage = storageOf(options, client)
    const read = defineCachedFunction<unknown, unknown[]>(
      (...args: unknown[]) => load(...args),
      keep({
        name: 'read',
        maxAge,
        storage,
        onError: () => {},
        ...(stale !== undefined && { swr: true, staleMaxAge: stale / 1000 }),
        ...(timeout !== undefined && { maxResolveTime: timeout / 1000 }),
        ...(argumentsAre !== 'any' && { getKey: (id: unknown) => id as string }),
      }),
    )
    const handler = defineCachedHandler(async ({ req }) => new Response(String(await load(requestText(req)))), {
      maxAge,
      allowQuery: ['page'],
    })
    return {
      read,
      invalidate: (...args) => read.invalidate(...args),
      key: (...args) => read.resolveKeys(...args),
      respond: async (request) => (await handler({ req: request })) as Response,
      close: async () => client?.disconnect(),
    }
  },
}
