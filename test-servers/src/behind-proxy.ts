import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy } from '@shelflife/conformance/faults'

import type { RedisCluster } from './start-cluster.ts'
import type { RedisServer } from './start-redis.ts'
import { until } from './until.ts'

/** Puts a proxy in front of a node of a Cluster, which is the address that all nodes tell clients from now on. */
export async function behindProxy({ nodes }: RedisCluster, node: RedisServer): Promise<FaultProxy> {
  const proxy = await faultProxy(node)
  await node.command('CONFIG', 'SET', 'cluster-announce-port', proxy.port)
  for (const one of nodes) {
    await until('all nodes name the proxy', async () => {
      return JSON.stringify(await one.command('CLUSTER', 'SLOTS')).includes(`,${proxy.port},`)
    })
  }
  return proxy
}
