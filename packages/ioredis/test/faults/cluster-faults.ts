import type { RedisCluster } from '@shelflife/test-servers'
import { startCluster } from '@shelflife/test-servers'

import type { Run, World } from './run-fault.ts'
import { faultsOn } from './run-fault.ts'

interface ClusterWorld extends World {
  readonly cluster: RedisCluster
}

async function openCluster(): Promise<ClusterWorld> {
  const cluster = await startCluster({ replicas: 1 })
  const target = { nodes: cluster.urls }
  return { cluster, here: target, elsewhere: target, stop: () => cluster.stop() }
}

/** The ids of all tags, the count of their invalidations and the messages are in its slot. */
const SHARED = '{shelflife}'

/** To another master, key by key, while everybody goes on. */
async function moveSlot({ nodes, masterOf }: RedisCluster, key: string): Promise<void> {
  const from = await masterOf(key)
  const to = nodes.slice(0, 3).find((node) => node !== from)
  if (to === undefined) throw new Error('there is no other master')
  const slot = Number(await from.command('CLUSTER', 'KEYSLOT', key))
  const [fromId, toId] = [await from.command('CLUSTER', 'MYID'), await to.command('CLUSTER', 'MYID')].map(String)
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId ?? '')
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId ?? '')
  for (;;) {
    const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 5)) as string[]
    if (keys.length === 0) break
    await from.command('MIGRATE', to.host, to.port, '', 0, 1000, 'KEYS', ...keys)
  }
  for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId ?? '')
}

async function entryOn({ nodes }: RedisCluster): Promise<string> {
  for (const node of nodes.slice(0, 3)) {
    const [entry] = (await node.command('KEYS', 'shelflife:*value*')) as string[]
    if (entry !== undefined) return entry
  }
  throw new Error('there are no entries')
}

export const clusterFaults: readonly Run[] = faultsOn(openCluster, [
  {
    name: 'Cluster slot moved, of an entry',
    cause: async ({ cluster }) => moveSlot(cluster, await entryOn(cluster)),
  },
  { name: 'Cluster slot moved, of tags and messages', cause: ({ cluster }) => moveSlot(cluster, SHARED) },
  {
    name: 'Cluster master killed, with failover',
    lasts: 0,
    async cause({ cluster }) {
      const master = await cluster.masterOf(SHARED)
      await master.kill()
      // answers when there is another one
      await cluster.masterOf(SHARED)
    },
  },
])
