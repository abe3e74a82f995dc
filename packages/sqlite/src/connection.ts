import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { Clock } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import { isBusy, openDatabase, resultOf } from './open-database.ts'

/** The connection to the file that is at the path now, made anew when that is another one. */
export interface Connection {
  /**
   * To be called before whatever is asked of it.
   *
   * @throws where the file cannot be used
   */
  open(): void
  /** @throws ShelflifeError `store-unavailable` where the file has been deleted or replaced since `open` */
  check(): void
  /** Statements are found by their text. */
  statement(sql: string): StatementSync
  /** Takes in what went wrong. */
  failed(error: unknown): void
  /** How often it has been made: what was known of the file before may be of another one. */
  count(): number
  /** Ends it for good. */
  close(): void
}

interface Open {
  readonly database: DatabaseSync
  readonly statements: Map<string, StatementSync>
  readonly files: string
}

/** Milliseconds until a file that cannot be used is looked at again. */
const AGAIN = 50
/** Of a file that is replaced while it is opened. */
const ATTEMPTS = 3
/** The disk is full, and the connection as good as before. */
const FULL = 13

function idOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}/${ino}`
  } catch {
    return undefined
  }
}

/** Opens nothing before it is asked to. */
export function createConnection(path: string, clock: Clock): Connection {
  let current: Open | undefined
  let count = 0
  let isClosed = false
  let failure: { readonly error: unknown; readonly until: number } | undefined

  // who deletes the log takes away what was written since it began, and all others write to the next one
  const filesNow = (): string => `${idOf(path)} ${idOf(`${path}-wal`)}`

  function drop(): void {
    current?.database.close()
    current = undefined
  }

  const unavailable = (problem: string): ShelflifeError =>
    new ShelflifeError('store-unavailable', `${JSON.stringify(path)} ${problem}`)

  /** The file may be replaced at any moment, and another process would use the one that is there. */
  function openWhatIsThere(): DatabaseSync {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = idOf(path)
      const database = openDatabase(path)
      if (before !== undefined && idOf(path) === before) return database
      database.close()
    }
    throw unavailable('is replaced again and again')
  }

  function connect(): void {
    if (isClosed) throw unavailable('was closed')
    if (failure !== undefined && clock.now() < failure.until) throw failure.error
    try {
      current = { database: openWhatIsThere(), statements: new Map(), files: filesNow() }
      count++
    } catch (error) {
      // who waits for a lock tries again by himself
      failure = isBusy(error) ? undefined : { error, until: clock.now() + AGAIN }
      throw error
    }
  }

  return {
    open() {
      if (current !== undefined && current.files !== filesNow()) drop()
      if (current === undefined) connect()
    },
    check() {
      if (current?.files !== filesNow()) throw unavailable('was deleted or replaced')
    },
    statement(sql) {
      if (current === undefined) throw unavailable('is not open')
      const { database, statements } = current
      const known = statements.get(sql)
      if (known !== undefined) return known
      const prepared = database.prepare(sql)
      statements.set(sql, prepared)
      return prepared
    },
    failed(error) {
      const result = resultOf(error)
      // of SQLite, about the file: another connection may find it whole
      if (result !== 0 && result !== FULL && !isBusy(error)) drop()
    },
    count: () => count,
    close() {
      isClosed = true
      drop()
    },
  }
}
