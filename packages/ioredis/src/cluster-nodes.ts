import { countLosses } from './count-losses.ts'
import { holdAsking } from './hold-asking.ts'
import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'

/** The nodes that a `Cluster` has connections to, by their addresses as `host:port`. */
export interface ClusterNodes {
  at(address: string | undefined): IoredisConnection | undefined
  /** The masters, as the slots name them. */
  masters(): readonly string[]
  /** How many connections to it have ended. */
  lossesOf(address: string | undefined): number
  /** Takes back what was added to the client. */
  release(): void
}

interface Watched {
  readonly node: IoredisConnection
  stop(): void
}

const addressOf = ({ options: { host, port } }: IoredisConnection): string => `${host}:${port}`

/**
 * Gives each slot a list of its own. ioredis 6.0.0 gives one to all slots of a node, and writes into it what `MOVED` says of one
 * slot: all would go with that one, until the slots are read again.
 */
function separateSlots({ slots }: IoredisCluster): void {
  for (const [slot, owners] of slots.entries()) if (owners !== undefined) slots[slot] = [...owners]
}

/** ioredis finds the node of an address too, but only for itself. */
export function watchNodes(cluster: IoredisCluster): ClusterNodes {
  const watched = new Map<string, Watched>()
  const losses = new Map<string, number>()
  /** Of 16,384 slots, until they change. */
  let masters: readonly string[] | undefined

  function lose(address: string): void {
    losses.set(address, (losses.get(address) ?? 0) + 1)
  }

  function add(node: IoredisConnection): void {
    forget()
    const address = addressOf(node)
    const replaced = watched.get(address)
    replaced?.stop()
    // its end would come later than answers of the new one
    if (replaced !== undefined) lose(address)
    holdAsking(node)
    watched.set(address, { node, stop: countLosses(node, () => lose(address)) })
  }

  function remove(node: IoredisConnection): void {
    forget()
    const address = addressOf(node)
    const found = watched.get(address)
    if (found?.node !== node) return
    found.stop()
    watched.delete(address)
    lose(address)
  }

  function forget(): void {
    masters = undefined
  }

  function refresh(): void {
    forget()
    separateSlots(cluster)
  }

  refresh()
  for (const node of cluster.nodes('all')) add(node)
  cluster.on('+node', add)
  cluster.on('-node', remove)
  cluster.on('refresh', refresh)
  return {
    at: (address = '') => watched.get(address)?.node,
    masters: () => (masters ??= [...new Set(cluster.slots.flatMap((owners) => owners?.[0] ?? []))]),
    lossesOf: (address = '') => losses.get(address) ?? 0,
    release() {
      cluster.off('+node', add)
      cluster.off('-node', remove)
      cluster.off('refresh', refresh)
      for (const { stop } of watched.values()) stop()
      watched.clear()
    },
  }
}
