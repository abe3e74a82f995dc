import { Redis } from 'ioredis'
import { GroupLoader, Loader } from 'layered-loader/core'
import {
  createGroupNotificationPair,
  createNotificationPair,
  enrichRedisConfig,
  RedisCache,
  RedisGroupCache,
} from 'layered-loader/redis'

import type { OpenOptions, Peer, Subject } from './peer.ts'

/** "Next data source in the sequence will be used instead." */
const REDIS_TIMEOUT = 500
const PREFIX = 'bench'

interface Set {
  readonly lifetime: { readonly ttlInMsecs: number; readonly ttlLeftBeforeRefreshInMsecs?: number }
  readonly clients: readonly Redis[]
  connect(): Redis
}

/** A stale window is the last part of a longer lifetime, in which an entry is loaded anew. */
function prepare({ ttl, stale, url }: OpenOptions): Set {
  const clients: Redis[] = []
  const lifetime =
    stale === undefined
      ? { ttlInMsecs: ttl as number }
      : { ttlInMsecs: (ttl as number) + stale, ttlLeftBeforeRefreshInMsecs: stale }
  return {
    lifetime,
    clients,
    connect() {
      const { hostname: host, port } = new URL(url)
      const client = new Redis(enrichRedisConfig({ host, port: Number(port) }))
      client.on('error', () => {})
      clients.push(client)
      return client
    },
  }
}

function redisOptions({ lifetime }: Set) {
  return { ...lifetime, prefix: PREFIX, json: true, timeoutInMsecs: REDIS_TIMEOUT }
}

async function openFlat(options: OpenOptions): Promise<Subject> {
  const { layout, load, maxEntries, keep } = options
  const set = prepare(options)
  const memory = {
    cacheType: 'lru-map' as const,
    ...set.lifetime,
    ...(maxEntries !== undefined && { maxItems: maxEntries }),
  }
  const pair =
    layout === 'both'
      ? createNotificationPair<unknown>({
          channel: PREFIX,
          consumerRedis: set.connect(),
          publisherRedis: set.connect(),
        })
      : undefined
  const loader = new Loader<unknown>(
    keep({
      inMemoryCache: layout === 'remote' ? (false as const) : keep(memory),
      ...(layout !== 'local' && { asyncCache: new RedisCache<unknown>(set.connect(), keep(redisOptions(set))) }),
      ...(pair !== undefined && { notificationConsumer: pair.consumer, notificationPublisher: pair.publisher }),
      dataSourceGetOneFn: (id: string) => load(id) as Promise<unknown>,
    }),
  )
  await loader.init()
  return {
    read: (id) => loader.get(id as string),
    set: (value, id) => loader.forceSetValue(id as string, value),
    invalidate: (id) => loader.invalidateCacheFor(id as string),
    clear: () => loader.invalidateCache(),
    close: () => closeAll(loader, set),
  }
}

/** Its entries have one label each, the group. */
async function openGrouped(options: OpenOptions, group: string): Promise<Subject> {
  const { layout, load, maxEntries, keep } = options
  const set = prepare(options)
  const memory = {
    groupCacheType: 'lru-map' as const,
    ...set.lifetime,
    ...(maxEntries !== undefined && { maxItemsPerGroup: maxEntries }),
  }
  const pair =
    layout === 'both'
      ? createGroupNotificationPair<unknown>({
          channel: PREFIX,
          consumerRedis: set.connect(),
          publisherRedis: set.connect(),
        })
      : undefined
  const source = {
    name: 'source',
    isCache: false,
    getFromGroup: (id: string) => load(id) as Promise<unknown>,
    getManyFromGroup: (ids: string[]) => Promise.all(ids.map((id) => load(id))),
  }
  const loader = new GroupLoader<unknown>(
    keep({
      inMemoryCache: layout === 'remote' ? (false as const) : keep(memory),
      ...(layout !== 'local' && { asyncCache: new RedisGroupCache<unknown>(set.connect(), keep(redisOptions(set))) }),
      ...(pair !== undefined && { notificationConsumer: pair.consumer, notificationPublisher: pair.publisher }),
      dataSources: [source],
    }),
  )
  await loader.init()
  return {
    read: (id) => loader.get(id as string, group),
    invalidate: (id) => loader.invalidateCacheFor(id as string, group),
    invalidateLabel: (label) => loader.invalidateCacheForGroup(label),
    clear: () => loader.invalidateCache(),
    close: () => closeAll(loader, set),
  }
}

async function closeAll(loader: { close(): Promise<void> }, { clients }: Set): Promise<void> {
  await loader.close()
  for (const client of clients) client.disconnect()
}

export const layeredLoader: Peer = {
  name: 'layered-loader',
  npm: 'layered-loader',
  setUp:
    '`Loader` with `lru-map`, `RedisCache({ json, timeoutInMsecs: 500 })`, or both and a notification pair, `enrichRedisConfig`; `GroupLoader` where labels are asked for, which are groups; a stale window as `ttlLeftBeforeRefreshInMsecs`',
  features: ['local', 'remote', 'both', 'bus', 'label', 'set', 'invalidate', 'clear', 'flight', 'lifetime', 'stale'],
  imports: {
    local: { 'layered-loader/core': ['Loader'] },
    remote: { 'layered-loader/core': ['Loader'], 'layered-loader/redis': ['RedisCache', 'createNotificationPair'] },
  },
  open: (options) =>
    options.tags === undefined ? openFlat(options) : openGrouped(options, options.tags()[0] ?? 'all'),
}
