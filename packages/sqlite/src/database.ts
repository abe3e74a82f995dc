import type { SQLInputValue } from 'node:sqlite'

import type { Clock } from '@shelflife/core'

import { createConnection } from './connection.ts'
import { createQueue } from './queue.ts'

/** Statements of what `Database` runs. */
export interface Sql {
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): readonly Row[]
  /** How many rows it has changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number
}

export interface Database extends Sql {
  /** Runs `work` once nobody is in the way, for so many milliseconds at most. Nothing it does may wait. */
  read<T>(work: () => T, patience: number): Promise<T>
  /** The same in a transaction: all of it or nothing, in the file that is at the path. */
  write<T>(work: () => T, patience: number): Promise<T>
  /** Runs `work` at once, or throws. */
  look<T>(work: () => T): T
  /** The same on the file as it is at one moment. */
  snapshot<T>(work: () => T): T
  /** Another text after somebody else has written, or where it is another file. Called by what is run. */
  version(): string
  /** How often the file was opened: what was known of it before may be of another one. */
  opened(): number
  close(): void
}

/** A file that several processes may use, and that may be away. */
export function createDatabase(path: string, clock: Clock): Database {
  const connection = createConnection(path, clock)
  // those who read wait for nobody who writes
  const [readers, writers] = [createQueue(path, clock), createQueue(path, clock)]

  const run = (sql: string, ...values: readonly SQLInputValue[]): number =>
    Number(connection.statement(sql).run(...values).changes)

  function inTransaction<T>(work: () => T, begin: 'BEGIN' | 'BEGIN IMMEDIATE'): T {
    run(begin)
    try {
      const result = work()
      run('COMMIT')
      return result
    } catch (error) {
      rollBack()
      throw error
    }
  }

  function rollBack(): void {
    try {
      run('ROLLBACK')
    } catch {
      // some errors have ended it already
    }
  }

  function look<T>(work: () => T): T {
    connection.open()
    try {
      return work()
    } catch (error) {
      connection.failed(error)
      throw error
    }
  }

  function write<T>(work: () => T): T {
    const result = look(() => inTransaction(work, 'BEGIN IMMEDIATE'))
    // nobody else would ever see it
    connection.check()
    return result
  }

  return {
    get: <Row>(sql: string, ...values: readonly SQLInputValue[]) =>
      connection.statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SQLInputValue[]) => connection.statement(sql).all(...values) as Row[],
    run,
    read: (work, patience) => readers.run(() => look(work), patience),
    write: (work, patience) => writers.run(() => write(work), patience),
    look,
    snapshot: (work) => look(() => inTransaction(work, 'BEGIN')),
    version: () =>
      `${connection.count()} ${String(connection.statement('PRAGMA data_version').get()?.['data_version'])}`,
    opened: connection.count,
    close: connection.close,
  }
}
