import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '@shelflife/test-servers'
import { createChaos } from './chaos.ts'
import type { Party, Violation } from './check.ts'
import { createCheck } from './check.ts'
import { MAX_DRIFT } from './limits.ts'
import { openFront } from './open-front.ts'
import { createRandom } from './random.ts'
import type { Counts, Report } from './report.ts'
import { COUNTS, noCounts } from './report.ts'
import type { WorkerProcess } from './worker-process.ts'
import { startWorker } from './worker-process.ts'

export interface SoakOptions {
  readonly seconds: number
  readonly seed: number
  /** Milliseconds that a command may take until a process does without the store. */
  readonly budget: number
  /** Whether two of the four processes are on Upstash: over HTTP, with faults. */
  readonly isOverHttp?: boolean
  /** Whether invalidations are claimed that are not made. */
  readonly isSabotaged?: boolean
}

export interface SoakResult {
  readonly counts: Counts
  readonly damages: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  /** Errors that nobody should have got, and processes that did not end by themselves. */
  readonly errors: readonly string[]
}

const PROCESSES = 4
const READERS = 60
const SKEW = 1000
const JUDGE_EVERY = 200

/** Reads and invalidates in several processes, breaks what can break, and checks every read. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, seed, budget, isOverHttp = false, isSabotaged = false } = options
  const random = createRandom(seed)
  const server = await startRedis()
  let faults = 0
  const front = isOverHttp ? await openFront(server.url, createRandom(seed), () => faults++) : undefined
  const check = createCheck()
  const counts = noCounts()
  const errors: string[] = []
  const workers: WorkerProcess[] = []
  let started = 0
  let isOver = false

  /** Every other one reads the remote store alone. With a front the last two have nothing else. */
  function start(place: number): WorkerProcess {
    const isLocal = place % 2 === 0
    const party: Party = { id: started++, grace: isLocal ? MAX_DRIFT : 0 }
    const own = { id: party.id, seed: seed + party.id + 1, skew: random.between(-SKEW, SKEW) }
    const upstash = front && place >= PROCESSES / 2 ? { url: front.url, token: front.token } : undefined
    const setup = { ...own, url: server.url, upstash, isLocal, budget, readers: READERS, isSaboteur: isSabotaged }
    return startWorker(setup, (report) => take(party, report))
  }

  function take(party: Party, report: Report): void {
    for (const one of report.invalidated) check.invalidated(party, one)
    for (const one of report.seen) check.saw(party, one)
    for (const name of COUNTS) counts[name] += report.counts[name]
    errors.push(...report.errors)
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
      check.judge(Math.min(...workers.map((worker) => worker.reportedUntil())))
    }
  }

  for (let place = 0; place < PROCESSES; place++) workers.push(start(place))
  const chaos = createChaos({ server, random, kill })
  const running = [chaos.run(() => isOver), judge()]
  await sleep(seconds * 1000)
  isOver = true
  await Promise.all(running)
  const areClean = await Promise.all(workers.map((worker) => worker.stop()))
  if (areClean.includes(false)) errors.push('a process did not end by itself, or not well')
  check.judge(Infinity)
  await front?.stop()
  await server.stop()
  const damages = front ? { ...chaos.done, 'faults of HTTP': faults } : chaos.done
  return { counts, damages, violations: check.violations, errors }
}
