import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import type { Forked } from '../busy/fork-process.ts'
import { forkProcess } from '../busy/fork-process.ts'
import type { SlotMove } from '../move-slot.ts'
import { moveSlot } from '../move-slot.ts'
import type { RedisCluster } from '../start-cluster.ts'
import { startCluster } from '../start-cluster.ts'
import type { RedisServer } from '../start-redis.ts'
import { until } from '../until.ts'
import { grantedRights } from './granted-rights.ts'
import { onCluster } from './on-servers.ts'
import { judge, SOON } from './scene.ts'
import type { SlotMap } from '../slot-map.ts'
import { entryName, slotMap, slotOf, TAGS } from '../slot-map.ts'
import type { Login, TopologyClients } from './topology-clients.ts'
import type { ProcessKeys, ProcessOrder, ProcessReport, ProcessSetup } from './topology-process.ts'

const LOGIN: Login = { username: 'app', password: 'secret' }
/** Milliseconds; a client leaves a node that hangs after four seconds. */
const [UNDER_WAY, HANGS] = [2500, 5500]
const CUT_EVERY = 50

interface Target {
  readonly title: string
  readonly login?: Login
  /** While the slots are under way. */
  happen(target: RedisServer): Promise<void>
}

const TARGETS: readonly Target[] = [
  { title: 'with the rights that the README grants', login: LOGIN, happen: () => sleep(UNDER_WAY) },
  {
    title: 'to a node that hangs',
    async happen(target) {
      target.pause()
      await sleep(HANGS)
      target.resume()
    },
  },
  {
    title: 'to a node that dies',
    async happen(target) {
      await target.kill()
      await sleep(UNDER_WAY)
      await target.restart()
    },
  },
  {
    title: 'to a node that ends all connections',
    async happen(target) {
      const end = performance.now() + UNDER_WAY
      while (performance.now() < end) {
        await target.command('CLIENT', 'KILL', 'TYPE', 'normal')
        await sleep(CUT_EVERY)
      }
    },
  },
]

/** What is asked of each process: a slot of it moves to the target, and what is neither there nor in it is untouched. */
function orderFor(
  keys: ProcessKeys,
  { ownerOf, target }: { ownerOf: SlotMap; target: RedisServer },
): { readonly order: ProcessOrder; readonly moving: readonly string[] } {
  const moving: string[] = []
  const order = Object.entries(keys).map(([title, all]) => {
    const names = all.map(entryName)
    const touched = names.findIndex((name) => ownerOf(name) !== target)
    const name = names[touched] ?? ''
    moving.push(name)
    const isAside = (other: string): boolean => slotOf(other) !== slotOf(name) && ownerOf(other) !== target
    return [title, { touched, untouched: names.flatMap((other, id) => (isAside(other) ? [id] : [])) }]
  })
  return { order: Object.fromEntries(order) as ProcessOrder, moving }
}

async function moveAll(cluster: RedisCluster, names: readonly string[], target: RedisServer): Promise<SlotMove[]> {
  const moves: SlotMove[] = []
  const slots = new Set<number>()
  for (const name of names) {
    if (slots.has(slotOf(name))) continue
    slots.add(slotOf(name))
    const move = await moveSlot(cluster, name, target)
    await move.migrate()
    moves.push(move)
  }
  return moves
}

async function underWay(clients: TopologyClients, { login, happen }: Target): Promise<ProcessReport> {
  // on a busy machine nodes that are well would take each other for failed, and refuse what is theirs
  const cluster = await startCluster({
    nodeTimeout: 15_000,
    acl: [`${LOGIN.username} on >${LOGIN.password} ${grantedRights()}`],
  })
  let child: Forked | undefined
  try {
    const ownerOf = await slotMap(cluster)
    const target = cluster.nodes.find((node) => node !== ownerOf(TAGS))
    if (target === undefined) throw new Error('there is no other master')
    child = forkProcess(clients.process, { nodes: cluster.rootNodes, login } satisfies ProcessSetup)
    const { order, moving } = orderFor(await child.heard<ProcessKeys>(), { ownerOf, target })
    child.tell(JSON.stringify(order))
    const moves = await moveAll(cluster, moving, target)
    await happen(target)
    for (const move of moves) await until('a slot has moved', () => move.finish().then(() => true))
    await cluster.recovered()
    child.tell('end')
    return await child.heard<ProcessReport>()
  } finally {
    await child?.kill()
    await cluster.stop()
  }
}

export function describeMovingSlots(clients: TopologyClients): void {
  test.concurrent.for(TARGETS)(
    'a process without handlers goes on while slots of its entries are under way $title',
    async (target, { expect }) => {
      const report = await underWay(clients, target)
      for (const [title, trouble] of Object.entries(report)) expect.soft(trouble, title).toEqual([])
    },
  )

  test.concurrent('reads go on while the slot of tags is under way, and when it has moved', async ({ expect }) => {
    await onCluster(clients, {}, async (scene, cluster) => {
      const stop = scene.readAll()
      const move = await moveSlot(cluster, TAGS)
      await sleep(500)
      await move.migrate()
      await sleep(1000)
      await scene.each(({ here }) => here.invalidate(0))
      await move.finish()
      await scene.each(async ({ title, here, there }) => {
        const ill = await Promise.all([here, there].map((party) => party.ailment(SOON)))
        expect.soft(ill, `${title}, once it has moved`).toEqual([undefined, undefined])
        expect.soft(await here.invalidate(1), `${title}, a key`).toBe('done')
        expect.soft(await there.invalidateTags([2, 3]), `${title}, tags`).toBe('done')
      })
      await judge(scene, { expect, untouched: ({ ids }) => ids.slice(4) })
      await stop()
    })
  })

  test.concurrent.for(TARGETS.filter(({ login }) => login === undefined))(
    'the slot of tags is under way $title: nothing is old, and all is well once it has moved',
    async ({ happen }, { expect }) => {
      await onCluster(clients, { nodeTimeout: 15_000 }, async (scene, cluster) => {
        const ownerOf = await slotMap(cluster)
        const target = cluster.nodes.find((node) => node !== ownerOf(TAGS))
        if (target === undefined) throw new Error('there is no other master')
        const stop = scene.readAll()
        const move = await moveSlot(cluster, TAGS, target)
        await move.migrate()
        const happening = happen(target)
        await scene.each(({ here, there }) => Promise.all([here.invalidate(0), there.invalidateTags([1, 2])]))
        await happening
        await until('the slot of tags has moved', () => move.finish().then(() => true))
        await cluster.recovered()
        await judge(scene, { expect })
        await stop()
      })
    },
  )
}
