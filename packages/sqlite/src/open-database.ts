import type * as Sqlite from 'node:sqlite'

import { ShelflifeError } from '@shelflife/core'

import { refuse } from './options.ts'
import { APPLICATION, FORMAT, SCHEMA } from './schema.ts'

/** How long processes that start at once wait for the one that makes the tables. */
const STARTING = 5000
/** A call blocks the process, so it waits for others only as long as a short write takes. */
const BLOCKING = 5
const MOST_KEPT_LOG = 16 * 2 ** 20

/** No permission, read only, cannot be opened. */
const CANNOT_OPEN: readonly number[] = [3, 8, 14]
const NOT_A_DATABASE = 26

/** The result code of SQLite, without its details. */
export const resultOf = (error: unknown): number => Number((error as { errcode?: unknown } | null)?.errcode) & 0xff

/** @throws ShelflifeError `invalid-option` where Node is too old */
function sqlite(): typeof Sqlite {
  const found = process.getBuiltinModule?.('node:sqlite') as typeof Sqlite | undefined
  return found ?? refuse(`sqliteStore needs node:sqlite, which Node has from 22.13; this is ${process.version}`)
}

const pragma = (database: Sqlite.DatabaseSync, name: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]

/** Makes the tables where there are none, and refuses a file of something else. */
function prepare(database: Sqlite.DatabaseSync, path: string): void {
  database.exec(`PRAGMA busy_timeout = ${STARTING}`)
  database.exec('BEGIN IMMEDIATE')
  try {
    const isEmpty = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] === 0
    if (isEmpty) database.exec(SCHEMA)
    const [application, format] = [pragma(database, 'application_id'), pragma(database, 'user_version')]
    if (application !== APPLICATION)
      refuse(`${JSON.stringify(path)} is a database of something else; give another path`)
    if (format !== FORMAT) {
      refuse(
        `${JSON.stringify(path)} was made by another release of @shelflife/sqlite; give another path, or delete it`,
      )
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function setUp(database: Sqlite.DatabaseSync, path: string): void {
  database.exec(`PRAGMA busy_timeout = ${STARTING}`)
  // before the first table, or the file never gives back what it no longer needs
  database.exec('PRAGMA auto_vacuum = INCREMENTAL')
  prepare(database, path)
  if (pragma(database, 'journal_mode = WAL') !== 'wal') {
    refuse(`${JSON.stringify(path)} is where SQLite cannot share memory between processes: take a disk of this machine`)
  }
  // a write is safe when the process ends, and the file is whole when the machine does
  database.exec(`PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${MOST_KEPT_LOG}`)
  database.exec(`PRAGMA busy_timeout = ${BLOCKING}`)
}

/**
 * Opens the file, and makes it where there is none.
 *
 * @throws ShelflifeError `invalid-option` for a file that is no cache, or cannot be one; `store-unavailable` for the rest
 */
export function openDatabase(path: string): Sqlite.DatabaseSync {
  const { DatabaseSync } = sqlite()
  let database: Sqlite.DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    setUp(database, path)
    return database
  } catch (error) {
    database?.close()
    if (error instanceof ShelflifeError) throw error
    const where = JSON.stringify(path)
    if (CANNOT_OPEN.includes(resultOf(error))) {
      return refuse(`${where} cannot be opened: its folder must exist and this process may write there`, {
        cause: error,
      })
    }
    if (resultOf(error) === NOT_A_DATABASE)
      return refuse(`${where} is no SQLite database; give another path`, { cause: error })
    throw new ShelflifeError('store-unavailable', `${where} could not be opened: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
