import slotOf from 'cluster-key-slot'

import type { RedisCluster } from './start-cluster.ts'
import type { RedisServer } from './start-redis.ts'

/** Which master has which names, as it was when it was asked. */
export type SlotMap = (name: string) => RedisServer

/** All tags, their log and the messages are in its slot. */
export const TAGS = '{shelflife}'
/** In Redis, of an entry whose key this is. */
export const entryName = (key: string): string => `shelflife:{${key}}`

type Slots = readonly (readonly [from: number, to: number, master: readonly [host: string, port: number]])[]

export async function slotMap({ nodes }: RedisCluster): Promise<SlotMap> {
  const slots = (await nodes[0]?.command('CLUSTER', 'SLOTS')) as Slots
  return (name) => {
    const slot = slotOf(name)
    const range = slots.find(([from, to]) => from <= slot && slot <= to)
    const master = nodes.find(({ port }) => port === range?.[2][1])
    if (master === undefined) throw new Error(`nobody has ${name}`)
    return master
  }
}

export { slotOf }
