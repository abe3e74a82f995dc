import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

import { until } from '../until.ts'
import type { BusyStores } from './busy-stores.ts'
import { block, isQueued } from './crowd.ts'
import type { PairChange, PairRead, PairReport, PairSetup } from './pair-report.ts'
import { watch } from './watch.ts'

export { REST_TOKEN } from './busy-stores.ts'

interface Value {
  readonly loadedAt?: number
  readonly setBy?: string
  readonly text: string
}

/** Milliseconds of computing after what is called at once, and of rest before the next. */
const [COMPUTING, REST] = [60, 20]
const TEXT = '.'.repeat(500)

/** Milliseconds on a clock that all processes of the machine share. */
const machineTime = (): number => Number(process.hrtime.bigint()) / 1e6

/** One of two processes that read, set and invalidate the same names; says how it went and ends with its parent. */
export async function runBusyProcess(open: BusyStores['open']): Promise<void> {
  const setup = JSON.parse(process.argv[2] ?? '') as PairSetup
  process.once('disconnect', () => process.exit())
  const cache = createCache({ namespace: setup.namespace, store: [memoryStore(), open(setup.url)] })
  const watched = watch(cache)
  let loadsOfUntouched = 0
  const shared = cache.cached(async (_id: number): Promise<Value> => ({ loadedAt: machineTime(), text: TEXT }), {
    name: 'shared',
    ttl: '1h',
  })
  const untouched = cache.cached(
    async (_id: number): Promise<string> => {
      loadsOfUntouched++
      return TEXT
    },
    { name: 'untouched', ttl: '1h' },
  )
  const reads: PairRead[] = []
  const changes: PairChange[] = []
  let [queued, rejected, sets, calls] = [0, 0, 0, 0]

  async function read(id: number): Promise<void> {
    const startedAt = machineTime()
    const { loadedAt, setBy } = await shared(id)
    reads.push({ id, startedAt, ...(loadedAt !== undefined && { loadedAt }), ...(setBy !== undefined && { setBy }) })
  }

  async function change(id: number, run: () => Promise<unknown>, setBy?: string): Promise<void> {
    const calledAt = machineTime()
    if (isQueued(await run())) queued++
    else changes.push({ id, calledAt, answeredAt: machineTime(), ...(setBy !== undefined && { setBy }) })
  }

  function set(id: number): Promise<void> {
    const setBy = `${setup.process}:${++sets}`
    return change(id, () => shared.set({ setBy, text: TEXT }, id), setBy)
  }

  const invalidate = (id: number): Promise<void> => change(id, () => shared.invalidate(id))

  /** The next id in turn; the two processes come to the same ones at other times. */
  const next = (ids: readonly number[]): number => ids[(calls++ * 7 + setup.process * 13) % ids.length] ?? 0

  /** A tenth each sets and invalidates, the rest reads. */
  function call(i: number): Promise<unknown> {
    if (i % 10 === 0) return set(next(setup.shared))
    if (i % 10 === 1) return invalidate(next(setup.shared))
    return i % 2 === 0 ? read(next(setup.shared)) : untouched(next(setup.untouched))
  }

  async function round(): Promise<void> {
    const all = Array.from({ length: setup.calls }, (_, i) => call(i).catch(() => void rejected++))
    await nextTurn()
    block(COMPUTING)
    await Promise.all(all)
    await sleep(REST)
  }

  const isUp = (): boolean => cache.health().stores.every(({ state }) => state === 'up')
  await untouched(setup.untouched[0] ?? 0)
  await until('the cache is up', async () => isUp())
  watched.forget()
  loadsOfUntouched = 0
  process.send?.('ready')
  await new Promise((resolve) => void process.once('message', resolve))

  const end = performance.now() + setup.lasts
  while (performance.now() < end) await round()
  const ill = await until('the cache is up', async () => isUp(), { timeout: 1000 }).then(
    () => null,
    () => cache.health().stores,
  )
  const trouble = watched.trouble()
  process.send?.({ reads, changes, loadsOfUntouched, queued, rejected, trouble, ill } satisfies PairReport)
}
