import { setTimeout as sleep } from 'node:timers/promises'

import type { RedisClient } from '@shelflife/redis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { RedisClusterClientSuite } from './cluster-client-suite.ts'
import { WAIT } from './heard.ts'
import type { RedisCluster } from './start-cluster.ts'
import { startCluster } from './start-cluster.ts'
import type { RedisServer } from './start-redis.ts'

const KEYS = Array.from({ length: 40 }, (_, index) => `key ${index}`)
const [KEY = ''] = KEYS
const addressOf = ({ host, port }: RedisServer): string => `${host}:${port}`

/** One of another node. */
const otherOf = (client: RedisClient): string => KEYS.find((key) => client.nodeOf?.(key) !== client.nodeOf?.(KEY)) ?? ''

/** What the store is told about the nodes of a Cluster, and that those that are well are used while another one is not. */
export function describeClusterNodes({ kinds, connect }: RedisClusterClientSuite): void {
  describe('nodes', () => {
    let cluster: RedisCluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())

    async function connected(kind: string): Promise<RedisClient> {
      const client = await connect(kind, cluster)
      await Promise.all(KEYS.map((key) => client.send(['SET', key, 'x'], key)))
      return client
    }

    test.each(kinds)('are told by name, with %s', async (kind) => {
      const client = await connected(kind)
      for (const key of KEYS) expect(client.nodeOf?.(key)).toBe(addressOf(await cluster.masterOf(key)))
      expect(client.nodes?.().toSorted()).toEqual(cluster.nodes.map(addressOf).toSorted())
    })

    test.each(kinds)('lose connections before another one answers, each for itself, with %s', async (kind) => {
      const client = await connected(kind)
      const other = otherOf(client)
      const losses = (): (number | undefined)[] => [KEY, other].map((key) => client.lossesOf?.(key))
      const [before = NaN, beside] = losses()
      const connection = async (): Promise<unknown> => client.send(['CLIENT', 'ID'], KEY)
      const first = await connection()
      await (await cluster.masterOf(KEY)).command('CLIENT', 'KILL', 'TYPE', 'normal')
      await vi.waitFor(async () => expect(await connection()).not.toBe(first), WAIT)
      const [after, besideAfter] = losses()
      expect(after).toBeGreaterThan(before)
      expect(besideAfter).toBe(beside)
    })

    test.each(kinds)('are used while another one hangs, with %s', async (kind) => {
      const client = await connected(kind)
      const hanging = await cluster.masterOf(KEY)
      const healthy = KEYS.filter((key) => client.nodeOf?.(key) !== addressOf(hanging))
      hanging.pause()
      let slowest = 0
      for (const end = performance.now() + 3000; performance.now() < end; await sleep(20)) {
        // nobody waits for it
        void client.send(['GET', KEY], KEY).catch(() => {})
        const startedAt = performance.now()
        await Promise.all(healthy.map((key) => client.send(['GET', key], key)))
        slowest = Math.max(slowest, performance.now() - startedAt)
      }
      hanging.resume()
      expect(slowest).toBeLessThan(1000)
    })
  })
}
