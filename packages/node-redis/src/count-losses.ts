import type { NodeRedisAddress, NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'

/** How many connections have ended: each that is made takes the place of another one, but for the first. */
export interface Losses {
  /** Of a cluster: to the node with this address. */
  of(address?: string): number
  /** Takes back what was added to the client. */
  release(): void
}

/** `made`: how many connections there may be already. */
export function countLosses(client: NodeRedisConnection, made: 0 | 1): Losses {
  let count = made - 1
  const connected = (): void => void count++
  client.on('connect', connected)
  return {
    of: () => Math.max(0, count),
    release: () => void client.off('connect', connected),
  }
}

export function countClusterLosses(cluster: NodeRedisCluster): Losses {
  const made = new Map<string, number>()
  for (const [address, { client }] of cluster.nodeByAddress) made.set(address, client === undefined ? 0 : 1)
  /** With `nodeAddressMap` a node is connected to at another address than its own; it may be any then. */
  let anywhere = 0

  function connected({ host, port }: NodeRedisAddress): void {
    const address = `${host}:${port}`
    if (cluster.nodeByAddress.has(address)) made.set(address, (made.get(address) ?? 0) + 1)
    else anywhere++
  }

  cluster.on('node-connect', connected)
  return {
    of: (address = '') => anywhere + Math.max(0, (made.get(address) ?? 0) - 1),
    release: () => void cluster.off('node-connect', connected),
  }
}
