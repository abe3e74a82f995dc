import KeyvRedis from '@keyv/redis'
import { RedisMessageProvider } from '@qified/redis'
import { Cacheable, createKeyv } from 'cacheable'
import { Keyv } from 'keyv'

import type { OpenOptions, Peer, Subject } from './peer.ts'

function storesOf({ layout, url, maxEntries, keep }: OpenOptions, useClone: boolean) {
  const memory = (): Keyv =>
    createKeyv(keep({ ...(maxEntries !== undefined && { lruSize: maxEntries }), ...(!useClone && { useClone }) }))
  const redis = (): Keyv => new Keyv(keep({ store: new KeyvRedis(url) }))
  if (layout === 'local') return { primary: memory() }
  if (layout === 'remote') return { primary: redis() }
  const provider = new RedisMessageProvider(keep({ uri: url }))
  return { primary: memory(), secondary: redis(), sync: { qified: provider }, provider }
}

async function open(options: OpenOptions, useClone: boolean): Promise<Subject> {
  const { load, ttl, tags, argumentsAre, keep } = options
  const { provider, ...stores } = { provider: undefined, ...storesOf(options, useClone) }
  const cache = new Cacheable(keep({ namespace: 'bench', ttl, ...stores, ...(tags !== undefined && { tags: true }) }))
  cache.on('error', () => {})

  // `getOrSet` takes no tags
  async function readTagged(id: unknown): Promise<unknown> {
    const found = await cache.get(id as string)
    if (found !== undefined) return found
    const value = await load(id)
    await cache.set(id as string, value, { tags: [...(tags?.(id) ?? [])] })
    return value
  }
  const readText = (id: unknown): Promise<unknown> =>
    cache.getOrSet(id as string, () => load(id), { throwErrors: 'function' })
  const wrapped = cache.wrap(load, keep({ keyPrefix: 'read', cacheId: 'bench' }))
  const reads = { text: tags === undefined ? readText : readTagged, any: wrapped as Subject['read'] }
  return {
    read: reads[argumentsAre ?? 'text'],
    set: (value, id) => cache.set(id as string, value),
    invalidate: (id) => cache.delete(id as string),
    invalidateLabel: (label) => cache.tags.invalidateTag(label),
    clear: () => cache.clear(),
    close: () => Promise.all([cache.disconnect(), provider?.disconnect()]),
  }
}

const features: Peer['features'] = [
  'local',
  'remote',
  'both',
  'bus',
  'keys',
  'arguments',
  'label',
  'tags',
  'set',
  'invalidate',
  'clear',
  'flight',
  'lifetime',
  'durations',
]
const imports = {
  local: { cacheable: ['Cacheable'] },
  remote: { cacheable: ['Cacheable'], '@keyv/redis': ['default'], '@qified/redis': ['RedisMessageProvider'] },
}

export const cacheable: Peer = {
  name: 'cacheable',
  npm: 'cacheable',
  setUp:
    "`getOrSet(key, load, { throwErrors: 'function' })`, `wrap` where it makes the key, `get` and `set` with tags; `KeyvRedis` as the only or the second store, then with `sync` over `@qified/redis`",
  features,
  imports,
  open: (options) => open(options, true),
}

export const cacheableByReference: Peer = {
  ...cacheable,
  name: 'cacheable, useClone: false',
  variant: 'settings',
  setUp: 'the same, with values in this process handed out as they are',
  open: (options) => open(options, false),
}
