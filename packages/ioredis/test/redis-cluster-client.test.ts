import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

import type { RedisCluster } from '@shelflife/test-servers'
import { behindProxy, moveSlot, startCluster, until } from '@shelflife/test-servers'
import type { GivenClient } from '@shelflife/test-servers/describe-redis-client'
import { describeRedisClusterClient } from '@shelflife/test-servers/describe-redis-cluster-client'
import { Cluster } from 'ioredis'
import { expect, test } from 'vitest'

import { toRedisClient } from '../src/ioredis-store.ts'

async function given({ rootNodes }: RedisCluster, options: object = {}): Promise<GivenClient> {
  const cluster = new Cluster([...rootNodes], options)
  cluster.on('error', () => {})
  if ('enableOfflineQueue' in options) await once(cluster, 'ready')
  return {
    client: toRedisClient(cluster),
    close: () => cluster.disconnect(),
    works: async () => (await cluster.set('works', 'yes')) === 'OK',
  }
}

describeRedisClusterClient('ioredis on a Cluster', {
  own: {
    'one URL': ({ urls }) => toRedisClient({ nodes: urls.slice(0, 1) }),
    addresses: ({ rootNodes }) => toRedisClient({ nodes: rootNodes }),
  },
  given: {
    'a client': given,
    'a client with autopipelining': (cluster) => given(cluster, { enableAutoPipelining: true }),
    'a client that queues nothing': (cluster) => given(cluster, { enableOfflineQueue: false }),
  },
  fromReplicas: (cluster) => given(cluster, { scaleReads: 'slave' }),
})

test('a given client has no other listeners afterwards', async () => {
  const at = await startCluster()
  const cluster = new Cluster([...at.rootNodes])
  await cluster.ping()
  const count = (): number[] =>
    [cluster, ...cluster.nodes()].flatMap((one) =>
      ['error', '+node', '-node', 'refresh', 'connect', 'close'].map((event) => one.listenerCount(event)),
    )
  await Promise.all(cluster.nodes().map((node) => node.ping()))
  const before = count()
  const client = toRedisClient(cluster)
  await client.send(['GET', 'key'], 'key')
  await client.close()
  expect(count()).toEqual(before)
  cluster.disconnect()
  await at.stop()
})

test.each([
  ['before the store is made', (cluster: Cluster) => once(cluster, 'refresh')],
  ['later', async () => {}],
])(
  'a slot that has moved takes no others with it, whoever finds out, with slots that were read %s',
  async (_, ready) => {
    const at = await startCluster()
    const cluster = new Cluster([...at.rootNodes])
    await ready(cluster)
    const client = toRedisClient(cluster)
    await client.send(['GET', 'key'], 'key')
    const home = client.nodeOf?.('key')
    const others = Array.from({ length: 100 }, (_none, i) => `other-${i}`)
    const stay = others.filter((name) => client.nodeOf?.(name) === home)
    expect(stay).not.toEqual([])
    const move = await moveSlot(at, 'key')
    await move.finish()
    // the slots are read again, but not before there was an answer
    const [moved, left] = await cluster.get('key').then(() => {
      return [client.nodeOf?.('key') !== home, stay.filter((name) => client.nodeOf?.(name) !== home)]
    })
    expect(moved).toBe(true)
    expect(left).toEqual([])
    await client.close()
    cluster.disconnect()
    await at.stop()
  },
)

/** Milliseconds each way. */
const AWAY = 15

test('what is sent while a connection to a far node is made again is answered', async () => {
  const at = await startCluster()
  const proxy = await behindProxy(at, at.nodes[0]!)
  const client = toRedisClient({ nodes: at.urls })
  // some of them are of the node
  const keys = Array.from({ length: 30 }, (_, i) => `key-${i}`)
  const send = () => Promise.allSettled(keys.map((key) => client.send(['GET', key], key)))
  await until('all are answered', async () => (await send()).every(({ status }) => status === 'fulfilled'))
  proxy.delay = AWAY
  proxy.reset()
  const answers = []
  // as long as a new connection takes
  for (let round = 0; round < 30; round++) {
    answers.push(send())
    await sleep(10)
  }
  const failed = (await Promise.all(answers))
    .flat()
    .flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  expect(failed).toEqual([])
  await client.close()
  await proxy.stop()
  await at.stop()
})
