import { setTimeout as sleep } from 'node:timers/promises'
import { entryName, startCluster } from '@shelflife/test-servers'
import type { Party } from './check.ts'
import type { Happened } from './cluster-chaos.ts'
import { createClusterChaos } from './cluster-chaos.ts'
import { fillStock, PATIENT } from './fill-stock.ts'
import { MAX_DRIFT } from './limits.ts'
import { openOnCluster } from './open-store.ts'
import { createRandom } from './random.ts'
import type { Report } from './report.ts'
import type { SoakOptions, SoakResult } from './soak.ts'
import { CLUSTER_KEPT, stockKey } from './stock.ts'
import { createTally } from './tally.ts'
import { machineTime } from './time.ts'
import type { WorkerProcess } from './worker-process.ts'
import { startWorker } from './worker-process.ts'

/** A process for each kind of stores on each client. */
const PROCESSES = (['ioredis', 'node-redis'] as const).flatMap((client) =>
  [true, false].map((isLocal) => ({ client, isLocal })),
)
const READERS = 20
const JUDGE_EVERY = 200
const SKEW = 1000
/** Of each command: a machine that is busy with all of this is not a node that is away. */
const BUDGET = 1000
/** Nobody that is a party. */
const CLUSTER = -1
/** How long after a loss was found the namespace may be cleared. */
const CLEARED = 3000

/** Reads and invalidates in processes on a Cluster, to which things happen, and checks every read and every load. */
export async function clusterSoak(options: Pick<SoakOptions, 'seconds' | 'seed' | 'isSabotaged'>): Promise<SoakResult> {
  const { seconds, seed, isSabotaged = false } = options
  const random = createRandom(seed)
  const cluster = await startCluster({ replicas: 1 })
  const nodes = [...cluster.rootNodes]
  const tally = createTally()
  const { check, inventory, counts, errors } = tally
  const stock = Array.from({ length: CLUSTER_KEPT }, (_, n) => stockKey(n))
  const store = openOnCluster({ nodes, client: 'ioredis' }, PATIENT)
  const names = (await fillStock({ store, count: CLUSTER_KEPT, inventory })).map(entryName)
  const events: Happened[] = []
  let isOver = false

  /** It may have been loaded, and may have to be once more. */
  function touch(what: string, keys: readonly string[], at: { readonly from: number; readonly until: number }): void {
    const times = { calledAt: at.from, resolvedAt: at.until }
    inventory.invalidated(CLUSTER, { what, keys, ...times, isDone: true, onlyLoaded: false })
  }

  function take(party: Party, report: Report): void {
    tally.take(party, report)
    for (const at of report.lostAt) touch('a clear', stock, { from: at - CLEARED, until: at + CLEARED })
  }

  function happened(one: Happened): void {
    const { title, loss, names: lost, ill, ...at } = one
    events.push(one)
    if (loss === 'writes') check.excuse(at.from, at.until)
    if (loss !== 'nothing')
      touch(
        title,
        stock.filter((_, n) => lost.has(names[n] ?? '')),
        at,
      )
    if (ill !== '') errors.push(`not well in time after ${title}: ${ill}`)
  }

  const startedAt = machineTime()
  const workers: readonly WorkerProcess[] = PROCESSES.map(({ client, isLocal }, id) => {
    const party: Party = { id, grace: isLocal ? MAX_DRIFT : 0 }
    const own = { id, isLocal, seed: seed + id + 1, skew: random.between(-SKEW, SKEW), readers: READERS }
    const setup = {
      ...own,
      url: '',
      cluster: { nodes, client },
      budget: BUDGET,
      isBusy: false,
      isSaboteur: isSabotaged,
    }
    return startWorker(setup, (report) => take(party, report))
  })
  const ill = (time: number): string => {
    const all = workers.map((one, id) => {
      const what = one.reportedUntil() > time ? one.ill() : 'has not reported'
      return what === '' ? [] : [`process ${id}: ${what}`]
    })
    return all.flat().join('; ')
  }
  const chaos = createClusterChaos({ cluster, random, names, ill, happened })

  async function judge(): Promise<void> {
    while (!isOver) {
      await sleep(JUDGE_EVERY)
      // what goes on may excuse what was read since it began
      tally.judge(workers, chaos.since())
    }
  }

  await Promise.all(workers.map((worker) => worker.started))
  const running = [chaos.run(() => isOver), judge()]
  await sleep(seconds * 1000)
  isOver = true
  await Promise.all(running)
  const areClean = await Promise.all(workers.map((worker) => worker.stop()))
  if (areClean.includes(false)) errors.push('a process did not end by itself, or not well')
  tally.judge([])
  await cluster.stop()
  const found = { violations: check.violations, needless: inventory.needless, errors }
  return { counts, damages: chaos.done, ...found, startedAt, events }
}
