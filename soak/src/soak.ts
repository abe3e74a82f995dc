import { setTimeout as sleep } from 'node:timers/promises'
import { ioredisStore } from '@shelflife/ioredis'
import { startRedis } from '@shelflife/test-servers'
import type { Chaos } from './chaos.ts'
import { createChaos } from './chaos.ts'
import type { Party, Violation } from './check.ts'
import { fillStock, PATIENT } from './fill-stock.ts'
import type { NeedlessLoad } from './inventory.ts'
import { MAX_DRIFT } from './limits.ts'
import { openFront } from './open-front.ts'
import { createRandom } from './random.ts'
import type { Counts } from './report.ts'
import { KEPT } from './stock.ts'
import { createTally } from './tally.ts'
import { machineTime } from './time.ts'
import type { WorkerProcess } from './worker-process.ts'
import { startWorker } from './worker-process.ts'

export interface SoakOptions {
  readonly seconds: number
  readonly seed: number
  /** Milliseconds that a command may take until a process does without the store. Default: what the store says. */
  readonly budget?: number | undefined
  /** Whether crowds call and event loops stall, and nothing is killed or broken. */
  readonly isBusy?: boolean
  /** Whether two of the four processes are on Upstash: over HTTP, with faults. */
  readonly isOverHttp?: boolean
  /** Whether invalidations are claimed that are not made. */
  readonly isSabotaged?: boolean
}

export interface SoakResult {
  readonly counts: Counts
  readonly damages: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  /** Loads of what was there; only looked for when busy. */
  readonly needless: readonly NeedlessLoad[]
  /** Errors that nobody should have got, and processes that did not end by themselves. */
  readonly errors: readonly string[]
  /** In machine time. */
  readonly startedAt: number
  /** What happened to a Cluster, oldest first. */
  readonly events?: readonly { readonly title: string; readonly from: number; readonly until: number }[]
}

const PROCESSES = 4
const READERS = 60
const SKEW = 1000
const JUDGE_EVERY = 200

/** Reads and invalidates in several processes, breaks what can break or calls in crowds, and checks every read. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, seed, budget, isBusy = false, isOverHttp = false, isSabotaged = false } = options
  const random = createRandom(seed)
  const server = await startRedis()
  let faults = 0
  const front = isOverHttp ? await openFront(server.url, createRandom(seed), () => faults++) : undefined
  const tally = createTally()
  const { check, inventory, counts, errors } = tally
  const workers: WorkerProcess[] = []
  let started = 0
  let isOver = false

  /** Every other one reads the remote store alone. With a front the last two have nothing else. */
  function start(place: number): WorkerProcess {
    const isLocal = place % 2 === 0
    const party: Party = { id: started++, grace: isLocal ? MAX_DRIFT : 0 }
    const own = { id: party.id, seed: seed + party.id + 1, skew: random.between(-SKEW, SKEW) }
    const upstash = front && place >= PROCESSES / 2 ? { url: front.url, token: front.token } : undefined
    const how = { budget, isBusy, readers: READERS, isSaboteur: isSabotaged }
    return startWorker({ ...own, ...how, url: server.url, upstash, isLocal }, (report) => tally.take(party, report))
  }

  async function kill(): Promise<void> {
    const place = random.whole(PROCESSES)
    await workers[place]?.kill()
    // also when time is up: whoever is asked to end must not be one that was killed
    workers[place] = start(place)
  }

  async function judge(): Promise<void> {
    while (!isOver) {
      await sleep(JUDGE_EVERY)
      tally.judge(workers)
    }
  }

  if (isBusy) await fillStock({ store: ioredisStore(server.url, PATIENT), count: KEPT, inventory })
  const startedAt = machineTime()
  for (let place = 0; place < PROCESSES; place++) workers.push(start(place))
  await Promise.all(workers.map((worker) => worker.started))
  const chaos: Chaos = isBusy ? { done: {}, run: async () => {} } : createChaos({ server, random, kill })
  const running = [chaos.run(() => isOver), judge()]
  await sleep(seconds * 1000)
  isOver = true
  await Promise.all(running)
  const areClean = await Promise.all(workers.map((worker) => worker.stop()))
  if (areClean.includes(false)) errors.push('a process did not end by itself, or not well')
  tally.judge([])
  await front?.stop()
  await server.stop()
  const damages = front ? { ...chaos.done, 'faults of HTTP': faults } : chaos.done
  const found = { violations: check.violations, needless: inventory.needless, errors }
  return { counts, damages, ...found, startedAt }
}
