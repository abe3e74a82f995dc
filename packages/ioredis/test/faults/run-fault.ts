import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { IoredisTarget } from '@shelflife/ioredis'
import type { RedisServerOptions } from '@shelflife/test-servers'

import type { Callers, Ended } from './callers.ts'
import { startCallers } from './callers.ts'
import type { Order } from './report.ts'

/** What callers are connected to. */
export interface World {
  readonly here: IoredisTarget
  /** Past a proxy. */
  readonly elsewhere: IoredisTarget
  stop(): Promise<unknown>
}

/** All callers, of whatever stores. */
interface Everybody {
  send(order: Order): void
  heard(word: 'distinct'): Promise<unknown>
}

export interface Fault<W extends World> {
  readonly name: string
  readonly server?: RedisServerOptions
  /** Milliseconds. Default 3000. */
  readonly lasts?: number
  /** Whether it is there before the callers are. */
  readonly isFirst?: boolean
  /** Milliseconds between two causes while it lasts. Default: once. */
  readonly every?: number
  cause(world: W, everybody: Everybody): unknown
  heal?(world: W, everybody: Everybody): unknown
  /** Milliseconds that a call may take because of the fault itself. Default 0. */
  readonly allowance?: number
  readonly readers?: number
}

/** What came of one fault for one kind of stores. */
export interface Outcome extends Ended {
  readonly fault: string
  readonly stores: string
  readonly allowance: number
  /** Milliseconds that this process, which does next to nothing, was kept from running, at most. */
  readonly noise: number
}

export interface Run {
  readonly name: string
  run(): Promise<readonly Outcome[]>
}

const [BEFORE, AFTER, LASTS, READERS] = [1500, 1500, 3000, 20]
const STORES = { 'local, remote': true, remote: false }
/** For recovery, which is then reported not to have happened. */
const PATIENCE = 30_000
let namespaces = 0

async function happen<W extends World>(fault: Fault<W>, world: W, everybody: Everybody): Promise<void> {
  const end = performance.now() + (fault.lasts ?? LASTS)
  do {
    await fault.cause(world, everybody)
    await sleep(Math.max(0, Math.min(fault.every ?? Infinity, end - performance.now())))
    // a timer may fire a little early
  } while (fault.every !== undefined && performance.now() < end)
}

async function run<W extends World>(fault: Fault<W>, world: W, all: Callers[]): Promise<readonly Outcome[]> {
  const { allowance = 0, readers = READERS, isFirst = false } = fault
  const delay = monitorEventLoopDelay()
  delay.enable()
  const everybody: Everybody = {
    send: (order) => all.forEach((callers) => callers.send(order)),
    heard: (word) => Promise.all(all.map((callers) => callers.heard(word))),
  }
  if (isFirst) await fault.cause(world, everybody)
  const { here, elsewhere } = world
  for (const isLocal of Object.values(STORES)) {
    all.push(
      startCallers({ namespace: `faults-${++namespaces}`, here, elsewhere, isLocal, isFaulty: isFirst, readers }),
    )
  }
  await Promise.all(all.map((callers) => callers.heard('ready')))
  if (isFirst) await sleep(fault.lasts ?? LASTS)
  else {
    await sleep(BEFORE)
    everybody.send({ order: 'fault' })
    await happen(fault, world, everybody)
  }
  const recovered = Promise.all(all.map((callers) => callers.heard('recovered')))
  await fault.heal?.(world, everybody)
  everybody.send({ order: 'healed' })
  await Promise.race([recovered, sleep(PATIENCE, undefined, { ref: false })])
  await sleep(AFTER)
  const ended = await Promise.all(all.map((callers) => callers.stop()))
  delay.disable()
  return Object.keys(STORES).map((stores, index) => ({
    fault: fault.name,
    stores,
    allowance,
    noise: delay.max / 1e6,
    ...(ended[index] as Ended),
  }))
}

/** Faults, each in a world of its own. */
export function faultsOn<W extends World>(
  open: (options: RedisServerOptions | undefined) => Promise<W>,
  faults: readonly Fault<W>[],
): readonly Run[] {
  return faults.map((fault) => ({
    name: fault.name,
    async run() {
      const world = await open(fault.server)
      const all: Callers[] = []
      try {
        return await run(fault, world, all)
      } finally {
        for (const callers of all) callers.kill()
        await world.stop()
      }
    },
  }))
}
