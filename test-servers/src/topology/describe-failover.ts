import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import { failOver, staged, takesOver } from '../fail-over.ts'
import type { RedisCluster } from '../start-cluster.ts'
import type { RedisServer } from '../start-redis.ts'
import { onCluster } from './on-servers.ts'
import type { Pair } from './scene.ts'
import { judge, parties, SOON } from './scene.ts'
import type { SlotMap } from '../slot-map.ts'
import { entryName, slotMap, TAGS } from '../slot-map.ts'
import type { TopologyClients } from './topology-clients.ts'

/** Milliseconds. */
const LOADED = 300

/** Which master dies: one that has nothing but entries, or the one with the tags, their log and the messages. */
const MASTERS = [
  { title: 'with entries alone', hasTags: false },
  { title: 'with the tags', hasTags: true },
]

/** For what is sent again to arrive: a second, and what a busy machine may add. */
const NOTICED = 2000

/** Long enough for clients to look where they began. */
const ALONE = 4000
interface Course {
  /** What the master is told that its replica does not hear. The ids are those that it has. */
  told(idsOf: (pair: Pair) => number[]): Promise<void>
  /** While there is neither. */
  meanwhile?(): Promise<void>
  after(): Promise<void>
}

/** A master without the tags, and its replica. */
function shardOf(
  cluster: RedisCluster,
  ownerOf: SlotMap,
): { readonly master: RedisServer; readonly replica: RedisServer } {
  const master = cluster.nodes.slice(0, 3).find((node) => node !== ownerOf(TAGS))
  const [replica] = master ? cluster.replicasOf(master) : []
  if (master === undefined || replica === undefined) throw new Error('there is no master with a replica')
  return { master, replica }
}

/** A master is lost, and its replica takes over. */
async function loseMaster(cluster: RedisCluster, hasTags: boolean, { told, meanwhile, after }: Course): Promise<void> {
  const ownerOf = await slotMap(cluster)
  const master = cluster.nodes.slice(0, 3).find((node) => (node === ownerOf(TAGS)) === hasTags)
  const [replica] = master ? cluster.replicasOf(master) : []
  if (master === undefined || replica === undefined) throw new Error('there is no master with a replica')
  replica.pause()
  await master.command('CLIENT', 'KILL', 'TYPE', 'replica')
  await told(({ ids, here }) => ids.filter((id) => ownerOf(entryName(here.key(id))) === master))
  await master.kill()
  await meanwhile?.()
  replica.resume()
  await takesOver(replica)
  await after()
  await master.restart()
}

export function describeFailover(clients: TopologyClients): void {
  test.concurrent.for(MASTERS)(
    'a master $title dies before its replica has all: what was told `done` stays gone',
    async ({ hasTags }, { expect }) => {
      await onCluster(clients, { replicas: 1 }, async (scene, cluster) => {
        const stop = scene.readAll()
        await loseMaster(cluster, hasTags, {
          async told(idsOf) {
            await scene.each(async (pair) => {
              const { here, there, title } = pair
              const ids = idsOf(pair)
              const outcomes = await Promise.all([
                ...ids.slice(0, 4).map(here.invalidate),
                here.invalidateTags(ids.slice(4, 6)),
                there.invalidate(ids[6] ?? 6),
              ])
              expect.soft(new Set(outcomes), title).toEqual(new Set(['done']))
            })
            // so that everybody has loaded them anew, and copies are not what saves them
            await sleep(LOADED)
            for (const { ledger } of scene.pairs) ledger.forgive()
          },
          // what is owed to the one that has gone is paid to the one that comes
          meanwhile: () => scene.each(({ here, ids }) => Promise.all(ids.map(here.invalidate))),
          async after() {
            await scene.each(async (pair) => {
              const ill = await Promise.all(parties(pair).map((party) => party.ailment(SOON)))
              expect.soft(ill, `${pair.title}, after the failover`).toEqual([undefined, undefined])
              await sleep(NOTICED)
              pair.ledger.hold()
            })
            await judge(scene, { expect })
          },
        })
        await stop()
      })
    },
  )

  test.concurrent('what a master has from the one before is not loaded', async ({ expect, skip }) => {
    await onCluster(clients, { replicas: 1 }, async (scene, cluster) => {
      const { master, replica } = shardOf(cluster, await slotMap(cluster))
      const stop = scene.readAll()
      await master.kill()
      await takesOver(replica)
      const others = cluster.nodes.filter((node) => node !== master)
      for (const node of others) node.pause()
      await master.restart()
      // it takes itself for master; whether somebody comes to it meanwhile is up to the machine
      await sleep(ALONE)
      for (const node of others) node.resume()
      await cluster.recovered()
      const areWell = async (pair: Pair): Promise<void> => {
        const ill = await Promise.all(parties(pair).map((party) => party.ailment(SOON)))
        expect.soft(ill, pair.title).toEqual([undefined, undefined])
      }
      await scene.each(areWell)
      await stop()
      await staged(failOver(cluster, master), skip)
      await cluster.recovered()
      await scene.each(async (pair) => {
        await areWell(pair)
        const loads = parties(pair).map(async (party) => {
          party.forget()
          await Promise.all(pair.ids.map(party.read))
          return { loads: party.loadsOf(pair.ids), trouble: party.trouble() }
        })
        const none = { loads: 0, trouble: '' }
        expect.soft(await Promise.all(loads), pair.title).toEqual([none, none])
      })
    })
  })

  // the bound that docs/faults.md states
  test.concurrent('what a process that is gone had sent may be lost with a master, and nothing else', async ({
    expect,
  }) => {
    await onCluster(clients, { replicas: 1 }, async (scene, cluster) => {
      const lost = new Map<Pair, number[]>()
      await loseMaster(cluster, false, {
        async told(idsOf) {
          await scene.each(async (pair) => {
            const { here, there, ledger, title } = pair
            const [first = 0, ...ids] = idsOf(pair).slice(0, 4)
            lost.set(pair, ids)
            expect.soft(await Promise.all(ids.map(here.invalidate)), title).toEqual(ids.map(() => 'done'))
            await here.close()
            ledger.forgive()
            expect.soft(await there.invalidate(first), title).toBe('done')
          })
        },
        async after() {
          await scene.each(async (pair) => {
            const { there, ledger, title } = pair
            expect.soft(await there.ailment(SOON), title).toBeUndefined()
            await sleep(NOTICED)
            // who knows of it sends it again
            await Promise.all((lost.get(pair) ?? []).map(there.invalidate))
            ledger.hold()
            await Promise.all(pair.ids.map(there.read))
            expect.soft(there.old, title).toEqual([])
          })
        },
      })
    })
  })
}
