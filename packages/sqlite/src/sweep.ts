import type { Clock } from '@shelflife/core'

import type { Database } from './database.ts'
import type { MachineClock } from './machine-clock.ts'

export interface SweepInput {
  readonly database: Database
  readonly clock: Clock
  readonly time: MachineClock
}

/** Milliseconds from one sweep to the next, and to the rest where there is more. */
const EVERY = 10_000
const REST = 50
/** Rows of a table that go at once: nobody can write meanwhile. */
const AT_ONCE = 500
/** Pages that are given back to the disk at once. */
const PAGES = 256
/** Milliseconds that a message stays for processes that could not look. */
const MESSAGE_LIFE = 60_000
const PATIENCE = 1000

const ENDED = 'ends <= ? ORDER BY ends LIMIT'
const SWEEPS = [
  `DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE ${ENDED} ${AT_ONCE})`,
  `DELETE FROM fences WHERE key IN (SELECT key FROM fences WHERE ${ENDED} ${AT_ONCE})`,
  `DELETE FROM tags WHERE tag IN (SELECT tag FROM tags WHERE ${ENDED} ${AT_ONCE})`,
]
const SWEEP_MESSAGES = `DELETE FROM messages WHERE seq IN
  (SELECT seq FROM messages WHERE sent <= ? AND seq < (SELECT max(seq) FROM messages) ORDER BY seq LIMIT ${AT_ONCE})`

/** Takes out what has ended, in each process that uses the file; whoever finds that it was just done leaves it. Returns what stops it. */
export function startSweep({ database, clock, time }: SweepInput): () => void {
  let isStopped = false
  let cancel = clock.after(EVERY, () => void sweep())

  const latest = (): number => database.get<{ latest: number }>('SELECT latest FROM state')?.latest ?? 0

  /** Whether there is more. */
  function takeOut(): boolean {
    const now = time.now()
    database.run('UPDATE state SET latest = max(latest, ?)', now)
    const counts = SWEEPS.map((sql) => database.run(sql, now))
    counts.push(database.run(SWEEP_MESSAGES, now - MESSAGE_LIFE))
    database.all(`PRAGMA incremental_vacuum(${PAGES})`)
    return counts.includes(AT_ONCE)
  }

  async function sweepOnce(): Promise<boolean> {
    const last = latest()
    time.raise(last)
    return last <= time.now() - EVERY / 2 && sweepRest()
  }

  const sweepRest = (): Promise<boolean> => database.write(takeOut, PATIENCE)

  async function sweep(once = sweepOnce): Promise<void> {
    const isMore = await once().catch(() => false)
    if (isStopped) return
    cancel = isMore ? clock.after(REST, () => void sweep(sweepRest)) : clock.after(EVERY, () => void sweep())
  }

  time.raise(latest())
  return () => {
    isStopped = true
    cancel()
  }
}
