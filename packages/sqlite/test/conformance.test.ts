import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore, fakeClock } from '@shelflife/conformance'
import type { Clock, RemoteStore } from '@shelflife/core'
import { exactClock } from '@shelflife/core'
import { sqliteStore } from '@shelflife/sqlite'

import { countRows, inFile, newFile, TABLES } from './file.ts'

const execArgv = ['--conditions=@shelflife/source']

/** A clock whose timers can be held up, as those of a process that is stopped. */
interface Stoppable extends Clock {
  stop(): void
  go(): void
}

function stoppable(clock: Clock): Stoppable {
  let held: (() => void)[] | undefined
  return {
    now: clock.now,
    after: (ms, run, options) => clock.after(ms, () => (held === undefined ? run() : void held.push(run)), options),
    stop: () => void (held ??= []),
    go() {
      const due = held ?? []
      held = undefined
      for (const run of due) run()
    },
  }
}

/** What is heard by nobody within a minute leaves; the newest message stays. */
const forgetMessages = (path: string): void =>
  inFile(path, (database) => {
    database.exec(`INSERT INTO messages (id, sender, type, names, sent) VALUES (hex(randomblob(8)), '', '', '[]', 0)`)
    database.exec('DELETE FROM messages WHERE seq < (SELECT max(seq) FROM messages)')
  })

/** Puts back what the tables had, as a file that is restored from a backup. */
function snapshotOf(path: string): () => void {
  const all = [...TABLES, 'state']
  inFile(path, (database) => {
    for (const table of all)
      database.exec(`DROP TABLE IF EXISTS old_${table}; CREATE TABLE old_${table} AS SELECT * FROM ${table}`)
  })
  return () =>
    inFile(path, (database) => {
      database.exec('BEGIN IMMEDIATE')
      for (const table of all) database.exec(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM old_${table}`)
      database.exec('COMMIT')
    })
}

function describeFile(
  name: string,
  clock: Clock,
  advance: (ms: number) => Promise<void>,
  accuracy: number,
  patience: number,
): void {
  const path = newFile()
  const clocks = new Map<RemoteStore, Stoppable>()
  describeStore(name, {
    async connect() {
      const own = stoppable(clock)
      const store = sqliteStore(path, { clock: own })
      clocks.set(store, own)
      return store
    },
    time: { clock, advance, accuracy, patience },
    loseBus: (store) => clocks.get(store)?.stop(),
    restoreBus(store) {
      forgetMessages(path)
      clocks.get(store)?.go()
    },
    snapshot: () => snapshotOf(path),
    spawn: () => fork(join(import.meta.dirname, 'children/store.ts'), [path], { execArgv }),
    size: () => countRows(path),
  })
}

const fake = fakeClock()
describeFile(
  'sqlite, with time moved on by hand',
  fake,
  async (ms) => {
    fake.advance(ms)
    await new Promise((resolve) => void setImmediate(resolve))
  },
  0,
  3_600_000,
)

const path = newFile()
describeStore('sqlite', {
  connect: async () => sqliteStore(path),
  time: { clock: exactClock, advance: sleep, accuracy: 50 },
  loseBus: 'above it is',
  spawn: () => fork(join(import.meta.dirname, 'children/store.ts'), [path], { execArgv }),
  size: () => countRows(path),
})
