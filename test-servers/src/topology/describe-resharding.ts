import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import { moveSlot } from '../move-slot.ts'
import type { RedisCluster } from '../start-cluster.ts'
import type { RedisServer } from '../start-redis.ts'
import { onCluster } from './on-servers.ts'
import type { Pair, Scene } from './scene.ts'
import { judge } from './scene.ts'
import { entryName, TAGS } from '../slot-map.ts'
import type { TopologyClients } from './topology-clients.ts'

const UNDER_WAY = 60
/** The ids whose slots move, and those that are invalidated all the time. */
const [MOVED, TOUCHED] = [4, 8]

async function moveAll(cluster: RedisCluster, names: readonly string[], to: RedisServer): Promise<void> {
  for (const name of names) {
    if ((await cluster.masterOf(name)) === to) continue
    const move = await moveSlot(cluster, name, to)
    await sleep(UNDER_WAY)
    await move.migrate()
    await sleep(UNDER_WAY)
    await move.finish()
  }
}

/** Of some that are touched and some that are not, in every pair. */
const namesOf = ({ pairs }: Scene): string[] =>
  pairs.flatMap(({ ids, here }) => {
    const some = [...ids.slice(0, MOVED / 2), ...ids.slice(TOUCHED, TOUCHED + MOVED / 2)]
    return some.map((id) => entryName(here.key(id)))
  })

export function describeResharding(clients: TopologyClients): void {
  test.concurrent('a node is added and removed under load: nothing is old, and nothing is loaded', async ({
    expect,
  }) => {
    await onCluster(clients, {}, async (scene, cluster) => {
      const names = [...namesOf(scene), TAGS]
      const stop = scene.readAll()
      let isOver = false
      const invalidating = scene.each(async ({ here, there }) => {
        for (let n = 0; !isOver; n++) {
          const id = n % TOUCHED
          await (n % 2 === 0 ? here.invalidate(id) : there.invalidate(id))
          await sleep(UNDER_WAY)
        }
      })
      const node = await cluster.add()
      const [first] = cluster.nodes
      if (first === undefined) throw new Error('there is no node')
      await moveAll(cluster, names, node)
      await moveAll(cluster, names, first)
      await cluster.remove(node)
      isOver = true
      await invalidating
      const untouched = ({ ids }: Pair): readonly number[] => (clients.losesWithNode ? [] : ids.slice(TOUCHED))
      await judge(scene, { expect, untouched })
      await stop()
    })
  })
}
