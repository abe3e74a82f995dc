import type { Invalidation } from '@shelflife/core'
import type { Notes } from './notes.ts'
import type { Random } from './random.ts'
import type { Count, Invalidated } from './report.ts'
import { machineTime } from './time.ts'

/** An invalidation or a `set` to be made. */
export interface Command extends Pick<Invalidated, 'what' | 'keys'> {
  readonly run: () => Promise<Invalidation>
  readonly count: Count
  readonly onlyLoaded?: boolean
  readonly set?: string
}

export interface CarryOutInput {
  readonly random: Random
  readonly notes: Notes
  readonly isSaboteur: boolean
}

const SABOTAGE = 0.3

/** Makes it and notes what is to be seen of it; a saboteur only says so now and then. */
export async function carryOut({ random, notes, isSaboteur }: CarryOutInput, command: Command): Promise<void> {
  const { run, count, what, keys, onlyLoaded = false, set } = command
  const calledAt = machineTime()
  const ended = notes.called(calledAt)
  const isMade = !isSaboteur || !random.chance(SABOTAGE)
  try {
    const { remote } = isMade ? await run() : { remote: 'done' }
    const times = { calledAt, resolvedAt: machineTime() }
    notes.count(count)
    if (remote !== 'done') notes.count('invalidations queued')
    notes.invalidated({ what, keys, ...times, isDone: remote === 'done', onlyLoaded, ...(set && { set }) })
  } catch (error) {
    notes.error(error)
  } finally {
    ended()
  }
}
