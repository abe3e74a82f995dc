import type { Clock } from '@shelflife/core'

import type { Database } from './database.ts'
import type { SharedTime } from './shared-time.ts'

export interface SweepInput {
  readonly database: Database
  readonly clock: Clock
  readonly time: SharedTime
}

/** Milliseconds from one sweep to the next, and to the rest where there is more. */
const EVERY = 10_000
const REST = 50
/** Rows of a table that go at once: nobody can write meanwhile. */
const AT_ONCE = 500
/** Pages that are given back to the disk at once, and as many are kept for what comes. */
const PAGES = 256
/** Milliseconds that a message stays for processes that could not look. */
const MESSAGE_LIFE = 60_000

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

  /** Whether it is too early. */
  function isDone(): boolean {
    const last = database.get<{ latest: number }>('SELECT latest FROM state')?.latest ?? 0
    return last > time.now() - EVERY / 2
  }

  /** Whether there was more to give back than goes at once. */
  function shrink(): boolean {
    const free = database.get<{ freelist_count: number }>('PRAGMA freelist_count')?.freelist_count ?? 0
    if (free > PAGES) database.all(`PRAGMA incremental_vacuum(${Math.min(PAGES, free - PAGES)})`)
    return free > 2 * PAGES
  }

  /** Whether there is more. */
  function takeOut(): boolean {
    const now = time.tell()
    database.run('UPDATE state SET latest = ?', now)
    const counts = SWEEPS.map((sql) => database.run(sql, now))
    counts.push(database.run(SWEEP_MESSAGES, now - MESSAGE_LIFE))
    return shrink() || counts.includes(AT_ONCE)
  }

  // nobody waits for it, so it waits for nobody
  const sweepRest = (): Promise<boolean> => database.write(takeOut, 0)

  async function sweepOnce(): Promise<boolean> {
    return !database.look(isDone) && sweepRest()
  }

  async function sweep(once = sweepOnce): Promise<void> {
    const isMore = await once().catch(() => false)
    if (isStopped) return
    cancel = isMore ? clock.after(REST, () => void sweep(sweepRest)) : clock.after(EVERY, () => void sweep())
  }

  return () => {
    isStopped = true
    cancel()
  }
}
