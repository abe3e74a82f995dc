import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'

import type { OpenOptions, Peer, Subject } from '../../src/peers/peer.ts'

/** Whether entries in this process are kept as text, which is the default, or handed out as they are. */
interface Serialize {
  readonly serialize: boolean
}

function storeOf({ layout, url, maxEntries, keep }: OpenOptions, { serialize }: Serialize) {
  const { hostname: host, port } = layout === 'local' ? { hostname: '', port: '' } : new URL(url)
  const connection = { host, port: Number(port) }
  const memory = () =>
    memoryDriver(keep({ ...(maxEntries !== undefined && { maxItems: maxEntries }), ...(!serialize && { serialize }) }))
  if (layout === 'local') return bentostore().useL1Layer(memory())
  if (layout === 'remote') return bentostore().useL2Layer(redisDriver({ connection }))
  return bentostore()
    .useL1Layer(memory())
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection }))
}

async function open(options: OpenOptions, serialize: Serialize): Promise<Subject> {
  const { load, ttl, stale, timeout, tags, keep } = options
  const cache = new BentoCache(
    keep({
      default: 'main' as const,
      prefix: 'bench',
      ttl,
      suppressL2Errors: true,
      ...(stale !== undefined && { grace: stale }),
      ...(timeout !== undefined && { hardTimeout: timeout }),
      stores: { main: storeOf(options, serialize) },
    }),
  )
  return {
    read: (id) =>
      cache.getOrSet({
        key: id as string,
        factory: () => load(id),
        ...(tags !== undefined && { tags: [...tags(id)] }),
      }),
    set: (value, id) => cache.set({ key: id as string, value }),
    invalidate: (id) => cache.delete({ key: id as string }),
    invalidateLabel: (label) => cache.deleteByTag({ tags: [label] }),
    clear: () => cache.clear(),
    close: () => cache.disconnectAll(),
  }
}

/** The folder that has it: it supports ioredis 5 and no newer one. */
const HOME = new URL('..', import.meta.url)

const bento = {
  npm: 'bentocache',
  home: HOME,
  features: [
    'local',
    'remote',
    'both',
    'bus',
    'label',
    'tags',
    'set',
    'invalidate',
    'clear',
    'flight',
    'lifetime',
    'stale',
    'timeout',
    'durations',
  ],
  imports: {
    local: { bentocache: ['BentoCache', 'bentostore'], 'bentocache/drivers/memory': ['memoryDriver'] },
    remote: {
      bentocache: ['BentoCache', 'bentostore'],
      'bentocache/drivers/memory': ['memoryDriver'],
      'bentocache/drivers/redis': ['redisDriver', 'redisBusDriver'],
    },
  },
} satisfies Partial<Peer>

export const bentocache: Peer = {
  ...bento,
  name: 'bentocache',
  setUp:
    '`getOrSet({ key, factory, tags })` with `memoryDriver`, `redisDriver`, or both and `redisBusDriver`, on ioredis 5; `suppressL2Errors`, `grace` and `hardTimeout` where they matter',
  open: (options) => open(options, { serialize: true }),
}

export const bentocacheByReference: Peer = {
  ...bento,
  name: 'bentocache, serialize: false',
  variant: 'settings',
  setUp:
    'the same, with values in this process handed out as they are; not in two levels, where a message of its bus then ' +
    'ends the process',
  features: bento.features.filter((feature) => feature !== 'both' && feature !== 'bus'),
  open: (options) => open(options, { serialize: false }),
}
