import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterAll } from 'vitest'

/** A path in a folder of its own, which goes with the test file. */
export function newFile(name = 'cache.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'shelflife-sqlite-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** The file, and what SQLite puts beside it. */
export function remove(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
}

export const TABLES = ['records', 'fences', 'tags', 'messages'] as const

/** Runs on a connection of its own. */
export function inFile<T>(path: string, run: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    return run(database)
  } finally {
    database.close()
  }
}

export const countRows = (path: string): number =>
  inFile(path, (database) =>
    TABLES.reduce((sum, table) => sum + Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']), 0),
  )
