import { createCache } from '@shelflife/core'
import type { RedisServer } from '@shelflife/test-servers'
import { startCluster, startRedis } from '@shelflife/test-servers'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'

import type { IoredisTarget } from '../src/index.ts'
import { ioredisStore } from '../src/index.ts'

async function start(args: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis({ args })
  onTestFinished(() => server.stop())
  return server
}

/** What a new cache is advised about, by section of the page. */
async function adviceOn(target: IoredisTarget, sections: readonly string[]): Promise<void> {
  const cache = createCache({ namespace: 'shop', store: ioredisStore(target) })
  onTestFinished(() => cache.close())
  const heard: string[] = []
  cache.on('advice', ({ link }) => void heard.push(link.slice(link.indexOf('#') + 1)))
  // a command that comes after the questions
  await cache.cached(async () => 1, { name: 'value' })()
  await vi.waitFor(() => expect(heard).toEqual(sections), { timeout: 5000 })
}

test('a server as it should be, and a client of our own, need no advice', async () => {
  await adviceOn((await start(['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'])).url, [])
})

test('an eviction policy that drops what is in use, and one that drops nothing', async () => {
  await adviceOn((await start(['--maxmemory', '50mb', '--maxmemory-policy', 'volatile-ttl'])).url, ['eviction'])
  await adviceOn((await start(['--maxmemory', '50mb', '--maxmemory-policy', 'noeviction'])).url, ['eviction'])
})

test('a node of a Cluster that is taken for a server', async () => {
  const cluster = await startCluster()
  onTestFinished(() => cluster.stop())
  await adviceOn(cluster.urls[0]!, ['cluster'])
  await adviceOn({ nodes: cluster.urls }, [])
})

test('a replica', async () => {
  const master = await start()
  await adviceOn((await start(['--replicaof', '127.0.0.1', String(master.port)])).url, ['replica'])
})

test('a client that goes on where the cache has given up, or stays with a demoted master, and one that does not', async () => {
  const { url } = await start()
  const modest = { enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false }
  const clients = [{}, modest, { ...modest, reconnectOnError: () => 1 as const }].map(
    (options) => new Redis(url, options),
  )
  onTestFinished(() => {
    for (const client of clients) client.disconnect()
  })
  const [eager, staying, leaving] = clients as [Redis, Redis, Redis]
  await adviceOn(eager, ['client-settings', 'client-settings'])
  await adviceOn(staying, ['client-settings'])
  await adviceOn(leaving, [])
})
