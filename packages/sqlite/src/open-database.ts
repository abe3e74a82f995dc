import type * as Sqlite from 'node:sqlite'

import { ShelflifeError } from '@shelflife/core'

import { refuse } from './options.ts'
import { APPLICATION, FORMAT, SCHEMA } from './schema.ts'

const BUSY = 5
const NOT_A_DATABASE = 26
const MOST_KEPT_LOG = 16 * 2 ** 20

/** The result code of SQLite, without its details. 0 for the errors of others. */
export const resultOf = (error: unknown): number => Number((error as { errcode?: unknown } | null)?.errcode) & 0xff

/** Somebody else has the lock. */
export const isBusy = (error: unknown): boolean => resultOf(error) === BUSY

/** @throws ShelflifeError `invalid-option` where Node is too old */
function sqlite(): typeof Sqlite {
  const found = process.getBuiltinModule?.('node:sqlite') as typeof Sqlite | undefined
  return found ?? refuse(`sqliteStore needs node:sqlite, which Node has from 22.13; this is ${process.version}`)
}

const pragma = (database: Sqlite.DatabaseSync, name: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]

const isEmpty = (database: Sqlite.DatabaseSync): boolean =>
  database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] === 0

/** Of processes that start at once one makes the tables. */
function makeTables(database: Sqlite.DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  if (isEmpty(database)) database.exec(SCHEMA)
  database.exec('COMMIT')
}

/** Makes the tables where there are none, and refuses a file of something else. */
function prepare(database: Sqlite.DatabaseSync, where: string): void {
  // looked at first: who has a file that is there waits for nobody
  if (isEmpty(database)) makeTables(database)
  const [application, format] = [pragma(database, 'application_id'), pragma(database, 'user_version')]
  if (application !== APPLICATION) refuse(`${where} is a database of something else; give another path`)
  if (format !== FORMAT) {
    refuse(`${where} was made by another release of @shelflife/sqlite; give another path, or delete it`)
  }
}

function setUp(database: Sqlite.DatabaseSync, where: string): void {
  // a call blocks the process, so it never waits for others
  database.exec('PRAGMA busy_timeout = 0')
  // before the first table, or the file never gives back what it no longer needs
  database.exec('PRAGMA auto_vacuum = INCREMENTAL')
  prepare(database, where)
  if (pragma(database, 'journal_mode = WAL') !== 'wal') {
    refuse(`${where} is where SQLite cannot share memory between processes: take a disk of this machine`)
  }
  // makes the log, which stays as long as anybody has looked
  isEmpty(database)
  // a write is safe when the process ends, and the file is whole when the machine does
  database.exec(`PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${MOST_KEPT_LOG}`)
}

function unavailable(where: string, cause: unknown): ShelflifeError {
  const problem =
    resultOf(cause) === NOT_A_DATABASE
      ? 'is no SQLite database; give another path, or delete it'
      : `cannot be opened: ${(cause as Error).message}`
  return new ShelflifeError('store-unavailable', `${where} ${problem}`, { cause })
}

/**
 * Opens the file, and makes it where there is none.
 *
 * @throws ShelflifeError `invalid-option` for a file that is no cache, or cannot be one; `store-unavailable` for one that is of no use
 * now; the error of SQLite where somebody else has the lock
 */
export function openDatabase(path: string): Sqlite.DatabaseSync {
  const { DatabaseSync } = sqlite()
  const where = JSON.stringify(path)
  let database: Sqlite.DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    setUp(database, where)
    return database
  } catch (error) {
    database?.close()
    if (error instanceof ShelflifeError || isBusy(error)) throw error
    throw unavailable(where, error)
  }
}
