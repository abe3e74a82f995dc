import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { inFile, remove } from './file.ts'

/** What happens to a file, and what makes it well again. */
export type BadDay = (path: string) => () => void

const NOBODY = 65_534
const GARBAGE = Buffer.alloc(4096, 'no page of ours ')

/** All that was written is in the file itself. */
export const checkpoint = (path: string): void => inFile(path, (file) => file.exec('PRAGMA wal_checkpoint(TRUNCATE)'))

export const lockedByWriter: BadDay = (path) => {
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  return () => other.close()
}

export const lockedForAll: BadDay = (path) => {
  const other = new DatabaseSync(path)
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  return () => other.close()
}

export const folderGone: BadDay = (path) => {
  const folder = dirname(path)
  renameSync(folder, `${folder}-gone`)
  return () => renameSync(`${folder}-gone`, folder)
}

export const deleted: BadDay = (path) => {
  remove(path)
  return () => {}
}

export const replacedBySomethingElse: BadDay = (path) => {
  remove(path)
  inFile(path, (file) => file.exec('CREATE TABLE orders (id INTEGER)'))
  return () => remove(path)
}

export const noDatabase: BadDay = (path) => {
  checkpoint(path)
  writeFileSync(path, GARBAGE, { flag: 'r+' })
  return () => remove(path)
}

/** The first page, where SQLite keeps what the file is, is whole. */
export const brokenPages: BadDay = (path) => {
  checkpoint(path)
  const pages = readFileSync(path).length / GARBAGE.length
  writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, 4096), ...Array(pages).fill(GARBAGE)]), {
    flag: 'r+',
  })
  return () => remove(path)
}

export const readOnly: BadDay = (path) => {
  const isRoot = process.getuid?.() === 0
  chmodSync(path, 0o444)
  chmodSync(dirname(path), 0o555)
  if (isRoot) process.seteuid?.(NOBODY)
  return () => {
    if (isRoot) process.seteuid?.(0)
    chmodSync(dirname(path), 0o755)
    chmodSync(path, 0o644)
  }
}
