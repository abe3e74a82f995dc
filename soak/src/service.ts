import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '@shelflife/test-servers'
import type { Violation } from './check.ts'
import { createCheck } from './check.ts'
import type { Child } from './child.ts'
import { startChild } from './child.ts'
import { createHttpClient } from './http-client.ts'
import { MAX_DRIFT } from './limits.ts'
import { createRandom } from './random.ts'
import type { ServiceMessage } from './service-process.ts'
import { startService } from './service-process.ts'
import type { ServiceParty } from './service-users.ts'
import { createServiceUsers } from './service-users.ts'
import { machineTime } from './time.ts'

export interface ServiceOptions {
  readonly seconds: number
  readonly seed: number
  /** Of the time, for which something else keeps each processor busy. From 0 to 1. */
  readonly share: number
  /** Whether writes are answered whose invalidation is not made. */
  readonly isSabotaged?: boolean
}

export interface ServiceResult {
  readonly counts: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  /** Answers and ends that nobody should have got. */
  readonly errors: readonly string[]
  /** In machine time. */
  readonly startedAt: number
}

const PROCESSES = 2
const [READERS, WRITERS] = [24, 2]
const JUDGE_EVERY = 200

/** Reads from and writes to a service of two processes on a busy machine, and checks every answer. */
export async function service(options: ServiceOptions): Promise<ServiceResult> {
  const { seconds, seed, share, isSabotaged = false } = options
  const server = await startRedis()
  const check = createCheck()
  const errors: string[] = []
  const totals: Record<string, number> = {}
  let isOver = false

  function take({ counts = {}, error }: ServiceMessage): void {
    for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count
    if (error !== undefined) errors.push(error)
  }

  async function start(id: number): Promise<ServiceParty & Child> {
    const process = await startService({ url: server.url, seed: seed + id + 1, isSaboteur: isSabotaged }, take)
    return { ...process, id, grace: MAX_DRIFT }
  }

  async function judge(): Promise<void> {
    while (!isOver) {
      await sleep(JUDGE_EVERY)
      // whoever is told of a write is here, so nothing is still to be told
      check.judge(machineTime())
    }
  }

  const processes = await Promise.all(Array.from({ length: PROCESSES }, (_, id) => start(id)))
  const burners = Array.from({ length: share > 0 ? availableParallelism() : 0 }, () =>
    startChild({ program: 'burner.ts', setup: { share }, listener: () => {} }),
  )
  const client = createHttpClient()
  const startedAt = machineTime()
  const users = createServiceUsers({ processes, client, check, random: createRandom(seed), errors })
  const running = [judge()]
  for (let n = 0; n < READERS; n++) running.push(users.read(() => isOver))
  for (let n = 0; n < WRITERS; n++) running.push(users.write(() => isOver))
  await sleep(seconds * 1000)
  isOver = true
  await Promise.all(running)
  check.judge(Infinity)
  client.close()
  await Promise.all(burners.map((burner) => burner.kill()))
  const areClean = await Promise.all(processes.map((process) => process.stop()))
  if (areClean.includes(false)) errors.push('a process did not end by itself, or not well')
  await server.stop()
  return { counts: { ...users.counts(), ...totals }, violations: check.violations, errors, startedAt }
}
