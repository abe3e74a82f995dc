import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import type { RedisCluster } from '../start-cluster.ts'
import { until } from '../until.ts'
import { onCluster } from './on-servers.ts'
import type { Pair } from './scene.ts'
import { judge, parties, SOON } from './scene.ts'
import { entryName, slotMap, TAGS } from '../slot-map.ts'
import type { TopologyClients } from './topology-clients.ts'

/** Which master dies: one that has nothing but entries, or the one with the tags, their log and the messages. */
const MASTERS = [
  { title: 'with entries alone', hasTags: false },
  { title: 'with the tags', hasTags: true },
]

/** Reads that begin when the first command has reached the new master may still be ahead of what is sent again. */
const NOTICED = 2000

async function masterWith(cluster: RedisCluster, hasTags: boolean) {
  const ownerOf = await slotMap(cluster)
  const master = cluster.nodes.slice(0, 3).find((node) => (node === ownerOf(TAGS)) === hasTags)
  const [replica] = master ? cluster.replicasOf(master) : []
  if (master === undefined || replica === undefined) throw new Error('there is no master with a replica')
  const idsOf = ({ ids, here }: Pair): number[] => ids.filter((id) => ownerOf(entryName(here.key(id))) === master)
  return { master, replica, idsOf }
}

export function describeFailover(clients: TopologyClients): void {
  test.concurrent.for(MASTERS)(
    'a master $title dies before its replica has all: what was told `done` stays gone',
    async ({ hasTags }, { expect }) => {
      await onCluster(clients, { replicas: 1 }, async (scene, cluster) => {
        const { master, replica, idsOf } = await masterWith(cluster, hasTags)
        const stop = scene.readAll()
        replica.pause()
        await master.command('CLIENT', 'KILL', 'TYPE', 'replica')
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
        await sleep(300)
        for (const { ledger } of scene.pairs) ledger.forgive()
        await master.kill()
        replica.resume()
        await until('the replica has taken over', async () => {
          return String(await replica.command('ROLE')).startsWith('master')
        })
        await scene.each(async (pair) => {
          const ill = await Promise.all(parties(pair).map((party) => party.ailment(SOON)))
          expect.soft(ill, `${pair.title}, after the failover`).toEqual([undefined, undefined])
          await sleep(NOTICED)
          pair.ledger.hold()
        })
        await judge(scene, { expect })
        await master.restart()
        await stop()
      })
    },
  )
}
