import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { ShelflifeError } from '@shelflife/core'
import { sqliteStore } from '@shelflife/sqlite'
import { expect, test } from 'vitest'

import { inFile, newFile } from './file.ts'

function refusal(path: unknown, options?: object): ShelflifeError {
  try {
    void sqliteStore(path as string, options).close()
  } catch (error) {
    if (error instanceof ShelflifeError) return error
    throw error
  }
  throw new Error('was not refused')
}

const child = (...args: string[]) =>
  promisify(execFile)(process.execPath, [
    '--conditions=@shelflife/source',
    join(import.meta.dirname, 'children/process.ts'),
    ...args,
  ])

test.each([
  ['nothing', undefined, 'must be text'],
  ['empty text', '', 'must be text'],
  ['memory', ':memory:', 'memoryStore of @shelflife/memory'],
  ['a number', 5, 'must be text'],
  ['a bigint', 5n, 'must be text'],
  ['an object', new URL('file:///tmp/cache.db'), 'must be text'],
  ['a URL', 'file:cache.db', 'must be that of a file'],
  ['a URL of Redis', 'redis://u:hunter2@h/0', 'must be that of a file'],
  ['a URL without slashes', 'redis:u:hunter2@h', 'must be that of a file'],
  ['a URL of Sentinel', 'redis+sentinel://u:hunter2@h/n', 'must be that of a file'],
  ['a URL of a socket', 'unix://u:hunter2@/tmp/s', 'must be that of a file'],
  ['a line of a file of variables', 'REDIS_URL=redis://u:hunter2@h/0', 'must be that of a file'],
])('%s is no path, and is not shown', (_what, path, says) => {
  const error = refusal(path as string)
  expect(error).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(says) as string })
  expect(`${error.stack}`).not.toContain('hunter2')
})

test('a folder that does not exist is said', () => {
  const path = newFile('missing/cache.db')
  expect(refusal(path).message).toBe(`"${path}" cannot be made: its folder does not exist`)
  mkdirSync(dirname(path))
  void sqliteStore(path).close()
  expect(refusal(dirname(path)).message).toBe(`"${dirname(path)}" is a folder; give the path of a file`)
})

test('what is no database is left alone', async () => {
  const path = newFile()
  const notes = 'some notes of somebody else, longer than the header of a database file is; '.repeat(10)
  writeFileSync(path, notes)
  const store = sqliteStore(path)
  await expect(store.invalidate(['key'])).rejects.toMatchObject({
    code: 'store-unavailable',
    message: `"${path}" is no SQLite database; give another path, or delete it`,
  })
  await store.close()
  expect(readFileSync(path, 'utf8')).toBe(notes)
})

test('a database of something else is left alone', () => {
  const path = newFile()
  inFile(path, (database) => database.exec('CREATE TABLE orders (id INTEGER)'))
  expect(refusal(path).message).toContain('is a database of something else')
  const mode = inFile(path, (database) => database.prepare('PRAGMA journal_mode').get())
  expect(mode).toEqual({ journal_mode: 'delete' })
})

test('a file of another release is left alone', async () => {
  const path = newFile()
  await sqliteStore(path).close()
  inFile(path, (database) => database.exec('PRAGMA user_version = 99'))
  expect(refusal(path).message).toContain('was made by another release')
})

test('wrong options are refused', () => {
  const path = newFile()
  expect(refusal(path, { maxValueBytes: 0 }).code).toBe('invalid-option')
  expect(refusal(path, { keySecret: 'short' }).message).not.toContain('short')
  expect(refusal(path, { budget: { read: -1 } }).code).toBe('invalid-duration')
})

test('a Node without node:sqlite is told which one has it', async () => {
  const { stdout } = await child(newFile(), 'old')
  expect(stdout).toContain(`node:sqlite, which Node has from 22.13; this is ${process.version}`)
})

test('processes that start at once make one file', async () => {
  const path = newFile()
  const answers = await Promise.all(Array.from({ length: 6 }, () => child(path, 'load')))
  const values = answers.map(({ stdout }) => stdout.trim())
  // one of them has loaded it for all
  expect(new Set(values).size).toBe(1)
  expect(values[0]).toMatch(/^loaded by \d+$/)
})

test('a process whose caller waits for another one lives, and ends by itself', async () => {
  const path = newFile()
  const store = sqliteStore(path)
  const key = 'test/waits()'
  await store.open({ key, owner: 'another', lease: 1500, mode: 'load' })
  const { stdout } = await child(path, 'wait')
  expect(stdout).toMatch(/^loaded by \d+\n$/)
  await store.close()
})

test('an empty file is made a cache', async () => {
  const path = newFile()
  writeFileSync(path, '')
  const store = sqliteStore(path)
  await store.invalidate(['key'])
  await store.close()
})
