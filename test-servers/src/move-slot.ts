import type { RedisCluster } from './start-cluster.ts'
import type { RedisServer } from './start-redis.ts'

/** A slot that has begun to move: names that are not with its node are asked for at the other one (`ASK`). */
export interface SlotMove {
  readonly slot: number
  readonly from: RedisServer
  readonly to: RedisServer
  /** Takes names of the slot over; without names all that are there. */
  migrate(...names: readonly string[]): Promise<void>
  /** Takes over what is left, and tells all masters whose the slot is (`MOVED`). */
  finish(): Promise<void>
}

const MOST_NAMES = 10_000

async function mastersOf({ nodes }: RedisCluster): Promise<RedisServer[]> {
  const roles = await Promise.all(nodes.map((node) => node.command('ROLE').catch(() => [])))
  return nodes.filter((_, index) => (roles[index] as unknown[])[0] === 'master')
}

/**
 * Begins to move the slot of a key to another master, or to `target`.
 *
 * @example
 * const move = await moveSlot(cluster, 'key')
 * await move.migrate('key')
 * await move.finish()
 */
export async function moveSlot(cluster: RedisCluster, key: string, target?: RedisServer): Promise<SlotMove> {
  const from = await cluster.masterOf(key)
  const masters = await mastersOf(cluster)
  const to = target ?? masters.find((node) => node !== from)
  if (to === undefined) throw new Error('there is no other master')
  const slot = Number(await from.command('CLUSTER', 'KEYSLOT', key))
  const [fromId, toId] = [from, to].map((node) => node.command('CLUSTER', 'MYID'))
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(await fromId))
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(await toId))

  const migrate = async (...names: readonly string[]): Promise<void> => {
    const moved = names.length > 0 ? names : await from.command('CLUSTER', 'GETKEYSINSLOT', slot, MOST_NAMES)
    if (!Array.isArray(moved) || moved.length === 0) return
    await from.command('MIGRATE', to.host, to.port, '', 0, 5000, 'REPLACE', 'KEYS', ...moved.map(String))
  }

  return {
    slot,
    from,
    to,
    migrate,
    async finish() {
      await migrate()
      // the one that takes it first, or nobody would have it
      for (const node of new Set([to, from, ...masters])) {
        await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', String(await toId))
      }
    },
  }
}
