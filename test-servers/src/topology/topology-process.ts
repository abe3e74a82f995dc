import { setTimeout as sleep } from 'node:timers/promises'

import type { Pair } from './scene.ts'
import { openScene, parties, SOON } from './scene.ts'
import type { Address, Login, TopologyClients } from './topology-clients.ts'

/** What a process without handlers of its own is told. */
export interface ProcessSetup {
  readonly nodes: readonly Address[]
  readonly login?: Login | undefined
}

/** By title of a pair, the keys by id. */
export type ProcessKeys = Readonly<Record<string, readonly string[]>>
/** By title of a pair, what is invalidated all the time, and what nobody touches. */
export type ProcessOrder = Readonly<Record<string, { readonly touched: number; readonly untouched: readonly number[] }>>
/** By title of a pair, what became of it: nothing where all was well. */
export type ProcessReport = Readonly<Record<string, readonly string[]>>

const INVALIDATE_EVERY = 100

/** Next thing that the parent says. */
const heard = <Word>(): Promise<Word> =>
  new Promise((resolve) => void process.once('message', (word) => resolve(word as Word)))

async function reportOn(pair: Pair, untouched: readonly number[]): Promise<readonly string[]> {
  const all = parties(pair).map(async (party) => {
    const ill = await party.ailment(SOON)
    await Promise.all(pair.ids.map(party.read))
    const loads = party.loadsOf(untouched)
    return [
      ...(party.old.length > 0 ? [`${party.name}: ${party.old.length} old, such as ${party.old[0]}`] : []),
      ...(loads > 0 ? [`${party.name}: ${loads} loads of what nobody touched, with ${party.trouble()}`] : []),
      ...(ill === undefined ? [] : [`${party.name}: ${JSON.stringify(ill)}`]),
    ]
  })
  return (await Promise.all(all)).flat()
}

/** Reads and invalidates on a Cluster while its parent does things to that, and says how it went. */
export async function runTopologyProcess(clients: TopologyClients): Promise<void> {
  const { nodes, login } = JSON.parse(process.argv[2] ?? '') as ProcessSetup
  process.once('disconnect', () => process.exit())
  const scene = await openScene({ clients, open: ({ cluster }) => cluster(nodes, login) })
  const ordered = heard<string>()
  process.send?.(Object.fromEntries(scene.pairs.map(({ title, ids, here }) => [title, ids.map(here.key)])))
  const order = JSON.parse(await ordered) as ProcessOrder
  const stop = scene.readAll()
  let isOver = false
  const invalidating = scene.each(async ({ title, here }) => {
    while (!isOver) {
      await here.invalidate(order[title]?.touched ?? 0)
      await sleep(INVALIDATE_EVERY)
    }
  })
  await heard()
  const reports = scene.pairs.map(async (pair) => [
    pair.title,
    await reportOn(pair, order[pair.title]?.untouched ?? []),
  ])
  const report = Object.fromEntries(await Promise.all(reports)) as ProcessReport
  isOver = true
  await invalidating
  await stop()
  await scene.close()
  process.send?.(report)
}
