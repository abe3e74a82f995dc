import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import type { RedisServer } from '../start-redis.ts'
import { onCluster } from './on-servers.ts'
import { openParty } from './party.ts'
import type { Pair } from './scene.ts'
import { judge, SOON } from './scene.ts'
import type { SlotMap } from '../slot-map.ts'
import { entryName, slotMap, TAGS } from '../slot-map.ts'
import type { TopologyClients, TopologyKind } from './topology-clients.ts'

interface Away {
  readonly title: string
  /** Of the Cluster, in milliseconds. */
  readonly nodeTimeout: number
  leave(node: RedisServer): unknown
  comeBack(node: RedisServer): unknown
}

const WAYS: readonly Away[] = [
  {
    title: 'SIGSTOP',
    nodeTimeout: 15_000,
    leave: (node) => node.pause(),
    comeBack: (node) => node.resume(),
  },
  {
    title: 'SIGSTOP that the others notice',
    nodeTimeout: 1000,
    leave: (node) => node.pause(),
    comeBack: (node) => node.resume(),
  },
  {
    title: 'SIGKILL',
    nodeTimeout: 15_000,
    leave: (node) => node.kill(),
    comeBack: (node) => node.restart(),
  },
]

const AWAY = 10_000
/** How many of a healthy node are invalidated all the time, by key and by tag. */
const TOUCHED = 6
const PAUSE = 100

/** What a pair has on the nodes that are well: what is touched, and what is not. */
function onOthers(pair: Pair, ownerOf: SlotMap, dead: RedisServer) {
  const isOn = (id: number): boolean => ownerOf(entryName(pair.here.key(id))) === dead
  const healthy = pair.ids.filter((id) => !isOn(id))
  return {
    dead: pair.ids.filter(isOn),
    touched: healthy.slice(0, TOUCHED),
    untouched: healthy.slice(TOUCHED),
  }
}

export function describeAway(clients: TopologyClients): void {
  test.concurrent.for(WAYS)(
    'one of three masters is away ($title): the others are used as if nothing were, and what is owed is paid when it is back',
    async ({ nodeTimeout, leave, comeBack }, { expect }) => {
      await onCluster(clients, { nodeTimeout }, async (scene, cluster) => {
        const ownerOf = await slotMap(cluster)
        const dead = cluster.nodes.find((node) => node !== ownerOf(TAGS))
        if (dead === undefined) throw new Error('there is no other master')
        const of = (pair: Pair) => onOthers(pair, ownerOf, dead)
        const stop = scene.readAll()
        await leave(dead)
        const end = performance.now() + AWAY
        await scene.each(async (pair) => {
          const { here, there, title } = pair
          const {
            dead: [first = 0, second = 1],
            touched,
          } = of(pair)
          const seen = new Set([await here.invalidate(first), await there.invalidateTags([second])])
          expect.soft(seen, `${title}: of the node that is away, and of a tag`).toEqual(new Set(['queued', 'done']))
          const outcomes: string[] = []
          for (let n = 0; performance.now() < end; n++) {
            const id = touched[n % TOUCHED] ?? 0
            const party = n % 4 < 2 ? here : there
            outcomes.push(n % 2 === 0 ? await party.invalidate(id) : await party.invalidateTags([id]))
            await sleep(PAUSE)
          }
          const queued = outcomes.filter((outcome) => outcome !== 'done').length
          expect.soft(queued, `${title}: invalidations of healthy nodes that are queued, of ${outcomes.length}`).toBe(0)
        })
        await comeBack(dead)
        await cluster.recovered()
        await judge(scene, { expect, untouched: (pair) => of(pair).untouched })
        await stop()
      })
    },
  )

  test.concurrent('processes that begin while a master is stopped soon use the others as if nothing were', async ({
    expect,
  }) => {
    const setup = { nodeTimeout: 15_000, isFor: ({ isOwn }: TopologyKind) => isOwn }
    await onCluster(clients, setup, async (scene, cluster) => {
      const ownerOf = await slotMap(cluster)
      const dead = cluster.nodes.find((node) => node !== ownerOf(TAGS))
      if (dead === undefined) throw new Error('there is no other master')
      dead.pause()
      await scene.each(async (pair) => {
        const { title, kind, namespace, ledger } = pair
        const { touched, untouched } = onOthers(pair, ownerOf, dead)
        const opened = await kind.cluster(cluster.rootNodes)
        const begun = openParty(opened, { name: 'begun', namespace, ledger, drift: 0, isLocal: false })
        try {
          const soon = performance.now() + SOON
          while (performance.now() < soon) {
            await Promise.all(untouched.map(begun.read))
            await sleep(PAUSE)
          }
          begun.forget()
          const outcomes = await Promise.all(touched.map(begun.invalidate))
          await Promise.all(untouched.map(begun.read))
          const seen = { outcomes: new Set(outcomes), loads: begun.loadsOf(untouched), old: begun.old }
          expect.soft(seen, `${title}: ${begun.trouble()}`).toEqual({ outcomes: new Set(['done']), loads: 0, old: [] })
        } finally {
          await begun.close()
        }
      })
      dead.resume()
      await judge(scene, { expect })
    })
  })

  test.concurrent('the master with the tags is away: nothing old, and all is well when it is back', async ({
    expect,
  }) => {
    await onCluster(clients, {}, async (scene, cluster) => {
      const dead = await cluster.masterOf(TAGS)
      const stop = scene.readAll()
      dead.pause()
      const end = performance.now() + AWAY / 4
      await scene.each(async ({ here, there, ids }) => {
        for (let n = 0; performance.now() < end; n++) {
          const id = ids[n % TOUCHED] ?? 0
          await (n % 2 === 0 ? here.invalidate(id) : there.invalidateTags([id]))
          await sleep(PAUSE)
        }
      })
      dead.resume()
      await judge(scene, { expect })
      await stop()
    })
  })
}
