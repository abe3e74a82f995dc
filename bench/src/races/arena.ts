import type { FaultProxy, RedisServer } from '@shelflife/test-servers'
import { faultProxy, startRedis } from '@shelflife/test-servers'

import type { Layout } from '../peers/peer.ts'
import type { Racer, RacerOptions } from './racer.ts'
import { startRacer } from './racer.ts'
import type { Source } from './source.ts'
import { createSource } from './source.ts'

/** What one race of one library has to itself. */
export interface Arena {
  readonly layout: Layout
  readonly source: Source
  /** Not there where the layout is `local`. */
  readonly redis: RedisServer
  /** Starts a process with its cache open. `ttl` is a minute unless it says otherwise. */
  start(options?: Partial<RacerOptions>): Promise<Racer>
  /** A way to Redis that can be cut: its `url` is for `start`. */
  proxy(): Promise<FaultProxy>
  /** Ends all processes and servers. */
  close(): Promise<void>
}

const MINUTE = 60_000

export async function openArena(peer: string, layout: Layout): Promise<Arena> {
  const source = createSource('old')
  const redis = layout === 'local' ? undefined : await startRedis()
  const racers: Racer[] = []
  const proxies: FaultProxy[] = []
  return {
    layout,
    source,
    get redis() {
      if (redis === undefined) throw new Error('there is no Redis in this race')
      return redis
    },
    async start(options = {}) {
      const racer = await startRacer({ peer, layout, url: redis?.url ?? '', ttl: MINUTE, ...options }, source)
      racers.push(racer)
      return racer
    },
    async proxy() {
      if (redis === undefined) throw new Error('there is no Redis in this race')
      const proxy = await faultProxy(redis)
      proxies.push(proxy)
      return proxy
    },
    async close() {
      await Promise.all(racers.map(({ child }) => child.kill()))
      await Promise.all(proxies.map((proxy) => proxy.stop()))
      await redis?.stop()
    },
  }
}
