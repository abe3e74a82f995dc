import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisCluster } from '@shelflife/test-servers'
import { slotMap, TAGS, until } from '@shelflife/test-servers'
import type { ClusterEvent, ClusterEventsInput, Shard } from './cluster-events.ts'
import { clusterEvents } from './cluster-events.ts'
import { machineTime } from './time.ts'

/** Something that has happened, and what it excuses. */
export interface Happened {
  readonly title: string
  readonly loss: ClusterEvent['loss']
  readonly from: number
  /** When everybody was well again, with a second for what was sent again to arrive. */
  readonly until: number
  /** Of the names that were asked about, those that the shard had. */
  readonly names: ReadonlySet<string>
  /** What was not well with whom when everybody should have been; empty: nothing. */
  readonly ill: string
}

export interface ClusterChaosInput extends ClusterEventsInput {
  /** What is not well with a process, as far as it has reported since `time`; empty: nothing. */
  ill(time: number): string
  happened(one: Happened): void
}

export interface ClusterChaos {
  readonly done: Readonly<Record<string, number>>
  /** Since when something is going on; `Infinity` if nothing is. */
  since(): number
  run(isOver: () => boolean): Promise<void>
}

const [SHORTEST, LONGEST] = [200, 1200]
/** A second, and what a busy machine may add. */
const SOON = 3000
const SENT_AGAIN = 1000

async function shardOf({ nodes, masterOf }: RedisCluster, name: string): Promise<Shard> {
  const master = await masterOf(name)
  const replica = await until('a master has its replica', async () => {
    const [, , replicas] = (await master.command('ROLE')) as [string, number, readonly string[][]]
    return nodes.find(({ port }) => String(port) === replicas[0]?.[1])
  })
  return { master, replica }
}

/** One thing after the other happens to a Cluster, each when everybody is well again after the one before. */
export function createClusterChaos(input: ClusterChaosInput): ClusterChaos {
  const { cluster, random, names, ill, happened } = input
  const events = Object.entries(clusterEvents(input))
  const done = Object.fromEntries(events.map(([title]) => [title, 0]))
  let since = Infinity
  // everything once before anything twice
  let order: typeof events = []

  function next(): (typeof events)[number] | undefined {
    if (order.length === 0)
      order = events
        .map((one) => ({ one, at: random.next() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one)
    return order.pop()
  }

  async function happen([title, { loss, happen: run }]: (typeof events)[number]): Promise<void> {
    const name = random.chance(0.3) ? TAGS : (names[random.whole(names.length)] ?? TAGS)
    const [shard, ownerOf] = [await shardOf(cluster, name), await slotMap(cluster)]
    const isOf = (one: string): boolean => ownerOf(one) === shard.master
    since = machineTime()
    await run(shard)
    await cluster.recovered()
    const [from, end] = [since, machineTime()]
    const isWell = async (): Promise<boolean> => ill(end) === ''
    await until('everybody is well', isWell, { timeout: SOON }).catch(() => {})
    const left = ill(end)
    done[title] = (done[title] ?? 0) + 1
    // without its tags nothing can be compared
    const lost = isOf(TAGS) ? names : names.filter(isOf)
    happened({ title, loss, from, until: machineTime() + SENT_AGAIN, names: new Set(lost), ill: left })
    since = Infinity
  }

  return {
    done,
    since: () => since,
    async run(isOver) {
      while (!isOver()) {
        await sleep(random.between(SHORTEST, LONGEST))
        const event = next()
        if (!isOver() && event !== undefined) await happen(event)
      }
    },
  }
}
