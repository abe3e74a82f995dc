import { statSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

import type { Clock } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import { openDatabase, resultOf } from './open-database.ts'

/** Statements are found by their text. */
export interface Sql {
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): readonly Row[]
  /** How many rows it has changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number
}

export interface Database extends Sql {
  /** Runs `work` once nobody is in the way, for so long at most. Nothing it does may wait. */
  read<T>(work: () => T, patience: number): Promise<T>
  /** The same in a transaction: all of it or nothing. */
  write<T>(work: () => T, patience: number): Promise<T>
  /** Looks at the file as it is at one moment. */
  snapshot<T>(work: () => T): T
  /** Another number after somebody else has written. */
  version(): unknown
  /** Looks whether the file is still the one that was opened; opens the one that has taken its place. */
  follow(): boolean
  close(): void
}

const BUSY = 5
const LONGEST_PAUSE = 4

/** One connection to a file, which several processes may have. */
export function createDatabase(path: string, clock: Clock): Database {
  let connection: DatabaseSync = openDatabase(path)
  let statements = new Map<string, StatementSync>()
  let file = idOfFile()

  function idOfFile(): number | undefined {
    return statSync(path, { throwIfNoEntry: false })?.ino
  }

  function statement(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const prepared = connection.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }

  const run = (sql: string, ...values: readonly SQLInputValue[]): number =>
    Number(statement(sql).run(...values).changes)

  // somebody waits for it, and there is no connection that would keep the process alive
  const pause = (): Promise<void> =>
    new Promise((resolve) => void clock.after(1 + Math.random() * LONGEST_PAUSE, resolve, { keepsAlive: true }))

  async function patiently<T>(step: () => T, patience: number): Promise<T> {
    const until = clock.now() + patience
    for (;;) {
      try {
        return step()
      } catch (error) {
        if (resultOf(error) !== BUSY) throw error
        if (clock.now() >= until) {
          throw new ShelflifeError('store-timeout', `${JSON.stringify(path)} was locked by others for ${patience} ms`, {
            cause: error,
          })
        }
      }
      await pause()
    }
  }

  function rollBack(): void {
    try {
      run('ROLLBACK')
    } catch {
      // some errors have ended it already, or it has not begun
    }
  }

  function inTransaction<T>(work: () => T, begin: 'BEGIN' | 'BEGIN IMMEDIATE'): T {
    try {
      run(begin)
      const result = work()
      run('COMMIT')
      return result
    } catch (error) {
      rollBack()
      throw error
    }
  }

  return {
    get: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).all(...values) as Row[],
    run,
    read: patiently,
    write: (work, patience) => patiently(() => inTransaction(work, 'BEGIN IMMEDIATE'), patience),
    snapshot: (work) => inTransaction(work, 'BEGIN'),
    version: () => statement('PRAGMA data_version').get()?.['data_version'],
    follow() {
      const found = idOfFile()
      if (found === file && found !== undefined) return false
      const next = openDatabase(path)
      connection.close()
      connection = next
      statements = new Map()
      file = idOfFile()
      return true
    },
    close: () => connection.close(),
  }
}
