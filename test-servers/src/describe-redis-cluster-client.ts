import { setTimeout as sleep } from 'node:timers/promises'

import type { RedisClient } from '@shelflife/redis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import type { RedisClusterClientSuite, RedisClusterClientSuiteOptions } from './cluster-client-suite.ts'
import { describeClusterNodes } from './describe-cluster-nodes.ts'
import { describeMovingSlots } from './describe-moving-slots.ts'
import { listen } from './heard.ts'
import type { Closes } from './redis-client-suite.ts'
import type { RedisCluster } from './start-cluster.ts'
import { startCluster } from './start-cluster.ts'
import type { RedisServer } from './start-redis.ts'
import { until } from './until.ts'

const KEYS = Array.from({ length: 40 }, (_, index) => `key ${index}`)
const SLOW = { timeout: 60_000 }
/** A second, and what another node that hangs and a machine that is busy add to it. */
const SOON = { timeout: 3000, interval: 20 }
const SILENT = new Error('no answer')

async function readsOf(server: RedisServer): Promise<number> {
  const stats = String(await server.command('INFO', 'commandstats'))
  return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

/** Everything the store relies on in a client of a Redis Cluster. */
export function describeRedisClusterClient(
  name: string,
  { own, given, fromReplicas }: RedisClusterClientSuiteOptions,
): void {
  describe(name, SLOW, () => {
    const open: Closes[] = []
    let cluster: RedisCluster
    beforeAll(async () => {
      cluster = await startCluster({ replicas: 1 })
    }, 60_000)
    afterAll(() => cluster.stop())
    afterEach(async () => {
      for (const one of open.splice(0).toReversed()) await one.close()
    })

    function closing<T extends Closes>(one: T): T {
      open.push(one)
      return one
    }

    async function connect(kind: string, to = cluster): Promise<RedisClient> {
      const made = await given[kind]?.(to)
      if (made !== undefined) closing(made)
      const client = made?.client ?? own[kind]?.(to)
      if (client === undefined) throw new Error(`there is no ${kind}`)
      return closing(client)
    }

    const owned = Object.keys(own)
    const kinds = [...owned, ...Object.keys(given)]
    const suite: RedisClusterClientSuite = { kinds, connect, closing }
    describeClusterNodes(suite)
    describeMovingSlots(suite)

    test.each(kinds)('the first commands reach all nodes at once, with %s', async (kind) => {
      const client = await connect(kind)
      expect(client.cluster).toBe(true)
      expect(client.ordered).toBe(false)
      const bytes = Uint8Array.of(0, 255, 128)
      await Promise.all(KEYS.map((key) => client.send(['SET', key, bytes], key)))
      const replies = await Promise.all(KEYS.map((key) => client.send(['GET', key], key)))
      for (const reply of replies) expect(new Uint8Array(reply as Uint8Array)).toEqual(bytes)
    })

    test.each(kinds)('a command without keys goes to the node of its key, with %s', async (kind) => {
      const client = await connect(kind)
      // until the first answer a client of the user may not know the slots, and any node has to do
      await client.send(['GET', 'key'], 'key')
      for (const key of KEYS.slice(0, 10)) {
        const { port } = await cluster.masterOf(key)
        expect(String(await client.send(['INFO', 'server'], key))).toContain(`tcp_port:${port}`)
      }
    })

    test('reads go to the master, also with a client that prefers replicas', async () => {
      const made = await fromReplicas(cluster)
      open.push(made)
      const replicas = cluster.nodes.slice(3)
      const before = await Promise.all(replicas.map(readsOf))
      for (const key of KEYS) await made.client.send(['GET', key], key)
      expect(await Promise.all(replicas.map(readsOf))).toEqual(before)
    })

    test.each(kinds)('close ends what belongs to the store and nothing else, with %s', async (kind) => {
      const made = await given[kind]?.(cluster)
      if (made !== undefined) open.push(made)
      const client = made?.client ?? (await connect(kind))
      await client.send(['SET', 'key', 'x'], 'key')
      await client.close()
      if (made === undefined) await expect(client.send(['GET', 'key'], 'key')).rejects.toThrow()
      else expect(await made.works()).toBe(true)
    })

    describe.each([
      ['sharded', true],
      ['classic', false],
    ])('a %s subscription', (channel, sharded) => {
      test.each(kinds)('survives a connection that is killed, with %s', async (kind) => {
        const publisher = (): Promise<RedisServer> => cluster.masterOf(channel)
        const heard = listen({ client: await connect(kind), channel, sharded, publisher })
        await heard.again()
        expect(heard.active()).toBe(true)
        await Promise.all(cluster.nodes.map((node) => node.command('CLIENT', 'KILL', 'TYPE', 'pubsub')))
        await heard.again()
      })
    })

    // the last, because roles have changed afterwards
    describe.each(['kill', 'pause'] as const)('after a failover (%s)', (how) => {
      test.each(kinds)('commands work soon, and subscriptions again, with %s', async (kind) => {
        const channel = '{failover} channel'
        const publisher = (): Promise<RedisServer> => cluster.masterOf(channel)
        const client = await connect(kind)
        const heard = listen({ client, channel, sharded: true, publisher })
        await heard.again()
        const before = await publisher()
        const set = (): Promise<unknown> =>
          Promise.race([client.send(['SET', channel, how], channel), sleep(200).then(() => Promise.reject(SILENT))])
        await set()
        if (how === 'kill') await before.kill()
        else before.pause()
        await until('another node is the master', async () => (await publisher()) !== before)
        await vi.waitFor(set, SOON)
        await heard.again()
        if (how === 'kill') await before.restart()
        else before.resume()
        await cluster.recovered()
      })
    })
  })
}
