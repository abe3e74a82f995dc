import type { Peer } from './peer.ts'

/** Where they are. A process that measures one of them imports no other. */
const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  'by hand': async () => (await import('./by-hand.ts')).byHand,
  'by hand, MessagePack': async () => (await import('./by-hand.ts')).byHandDecoded,
  shelflife: async () => (await import('./shelflife.ts')).shelflife,
  bentocache: async () => (await import('../../ioredis-5/src/bentocache.ts')).bentocache,
  'bentocache, serialize: false': async () => (await import('../../ioredis-5/src/bentocache.ts')).bentocacheByReference,
  cacheable: async () => (await import('./cacheable.ts')).cacheable,
  'cacheable, useClone: false': async () => (await import('./cacheable.ts')).cacheableByReference,
  'cache-manager': async () => (await import('./cache-manager.ts')).cacheManager,
  'layered-loader': async () => (await import('./layered-loader.ts')).layeredLoader,
  'async-cache-dedupe': async () => (await import('./async-cache-dedupe.ts')).asyncCacheDedupe,
  cachified: async () => (await import('./cachified.ts')).cachifiedPeer,
  ocache: async () => (await import('./ocache.ts')).ocache,
  'lru-cache': async () => (await import('./lru-cache.ts')).lruCache,
  'p-memoize': async () => (await import('./p-memoize.ts')).memoize,
}

/** The names of all. */
export const PEER_NAMES: readonly string[] = Object.keys(PEERS)

/** @throws Error if there is none of that name */
export async function loadPeer(name: string): Promise<Peer> {
  const load = PEERS[name]
  if (load === undefined) throw new Error(`there is no library ${name}`)
  return load()
}
