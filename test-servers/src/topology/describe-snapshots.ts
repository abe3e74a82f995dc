import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import { range } from '../busy/crowd.ts'
import { moveSlot } from '../move-slot.ts'
import { failOver, staged } from '../fail-over.ts'
import type { SlotMap } from '../slot-map.ts'
import { entryName, slotMap, slotOf, TAGS } from '../slot-map.ts'
import type { RedisCluster } from '../start-cluster.ts'
import type { RedisServer } from '../start-redis.ts'
import { onCluster } from './on-servers.ts'
import type { Pair, Scene } from './scene.ts'
import { DRIFT, SOON } from './scene.ts'
import type { TopologyClients, TopologyKind } from './topology-clients.ts'

/** Of those that one pair has on the node: what is invalidated, and what nobody touches. */
const TOLD = 4

interface Place {
  readonly cluster: RedisCluster
  readonly master: RedisServer
  readonly other: RedisServer
  readonly ownerOf: SlotMap
  /** In Redis, of what has been invalidated. */
  readonly told: readonly string[]
}

interface Course {
  readonly title: string
  readonly replicas?: number
  before?(place: Place): Promise<void>
  /** When the process that remains has met it. */
  after?(place: Place): Promise<void>
}

/** A slot that is nobody's concern, so that the node has another epoch. */
async function giveSlot({ cluster, master, other, ownerOf }: Place): Promise<void> {
  const name = range(100)
    .map(String)
    .find((one) => ownerOf(one) === other)
  if (name === undefined) throw new Error('there is no name for it')
  await (await moveSlot(cluster, name, master)).finish()
}

function replicaOf({ cluster, master }: Place): RedisServer {
  const [replica] = cluster.replicasOf(master)
  if (replica === undefined) throw new Error('there is no replica')
  return replica
}

async function moveTold({ cluster, other, told }: Place): Promise<void> {
  const bySlot = new Map(told.map((name) => [slotOf(name), name]))
  for (const name of bySlot.values()) await (await moveSlot(cluster, name, other)).finish()
}

const COURSES: readonly Course[] = [
  { title: 'as it was' },
  { title: 'and had been given a slot', before: giveSlot },
  { title: 'and its replica takes over', replicas: 1, after: (place) => failOver(place.cluster, replicaOf(place)) },
  {
    title: 'and its replica takes over and gives it back',
    replicas: 1,
    async after(place) {
      await failOver(place.cluster, replicaOf(place))
      await failOver(place.cluster, place.master)
    },
  },
  { title: 'and its slots move to another one', after: moveTold },
]

async function placeOf(cluster: RedisCluster, of: (ownerOf: SlotMap, master: RedisServer) => string[]): Promise<Place> {
  const ownerOf = await slotMap(cluster)
  const [master, other] = cluster.nodes.slice(0, 3).filter((node) => node !== ownerOf(TAGS))
  if (master === undefined || other === undefined) throw new Error('there is no other master')
  return { cluster, master, other, ownerOf, told: of(ownerOf, master) }
}

function onMaster({ here, ids }: Pair, ownerOf: SlotMap, master: RedisServer) {
  const there = ids.filter((id) => ownerOf(entryName(here.key(id))) === master)
  return { told: there.slice(0, TOLD), untouched: there.slice(TOLD) }
}

const namesOf = ({ pairs }: Scene, ownerOf: SlotMap, master: RedisServer): string[] =>
  pairs.flatMap((pair) => onMaster(pair, ownerOf, master).told.map((id) => entryName(pair.here.key(id))))

export function describeSnapshots(clients: TopologyClients): void {
  test.concurrent.for(COURSES)(
    'a master that starts anew from an older snapshot brings nothing back to who knew it ($title)',
    async ({ replicas = 0, before, after }, { expect, skip }) => {
      // what a client is set to has no part in it
      const setup = { replicas, nodeTimeout: 15_000, isFor: (kind: TopologyKind) => kind === clients.kinds['own'] }
      await onCluster(clients, setup, async (scene, cluster) => {
        const place = await placeOf(cluster, (ownerOf, master) => namesOf(scene, ownerOf, master))
        const { master, ownerOf } = place
        await before?.(place)
        await master.command('SAVE')
        await scene.each(async (pair) => {
          const { told } = onMaster(pair, ownerOf, master)
          expect.soft(await Promise.all(told.map(pair.here.invalidate)), pair.title).toEqual(told.map(() => 'done'))
          // who made it is gone, and nobody else tells it again
          await pair.here.close()
          pair.ledger.forgive()
        })
        await master.kill()
        await master.restart()
        await cluster.recovered()
        await scene.each(async (pair) => {
          const [met = 0] = onMaster(pair, ownerOf, master).untouched
          expect.soft(await pair.there.ailment(SOON), pair.title).toBeUndefined()
          expect.soft(await pair.there.invalidate(met), pair.title).toBe('done')
          await pair.there.read(met)
        })
        await staged(after?.(place), skip)
        await cluster.recovered()
        await scene.each(async ({ there, ids, ledger, title }) => {
          expect.soft(await there.ailment(SOON), title).toBeUndefined()
          ledger.hold()
          await sleep(DRIFT)
          await Promise.all(ids.map(there.read))
          expect.soft(there.old, title).toEqual([])
        })
      })
    },
  )
}
