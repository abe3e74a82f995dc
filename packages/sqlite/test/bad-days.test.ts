import { copyFileSync, renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { sqliteStore } from '@shelflife/sqlite'
import { afterEach, describe, expect, test, vi } from 'vitest'

import type { BadDay } from './bad-day.ts'
import {
  brokenPages,
  checkpoint,
  deleted,
  folderGone,
  lockedByWriter,
  lockedForAll,
  noDatabase,
  readOnly,
  replacedBySomethingElse,
} from './bad-day.ts'
import { newFile, remove } from './file.ts'

const open: Cache[] = []
const endings: (() => void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) end()
  await Promise.all(open.splice(0).map((cache) => cache.close()))
})

function openCache(path: string): Cache {
  const cache = createCache({ namespace: 'shop', store: [memoryStore(), sqliteStore(path)] })
  open.push(cache)
  return cache
}

/** Until it is called, or the test is over. */
function begin(badDay: BadDay, path: string): () => void {
  const heal = badDay(path)
  let isOver = false
  function end(): void {
    if (!isOver) heal()
    isOver = true
  }
  endings.push(end)
  return end
}

const stateOf = (cache: Cache): string | undefined => cache.health().stores.find(({ kind }) => kind === 'remote')?.state

/** What one stores the other one reads, and everything that was owed has been told. */
async function expectUsed(one: Cache, other: Cache): Promise<void> {
  let value = 1000
  await vi.waitFor(
    async () => {
      await one.set('shared', ++value)
      expect(await other.get('shared')).toBe(value)
      expect([stateOf(one), stateOf(other)]).toEqual(['up', 'up'])
    },
    { timeout: 15_000, interval: 50 },
  )
}

/** Callers get what the source says now, and no call fails. */
async function expectLoads(cache: Cache): Promise<void> {
  for (let price = 2; price < 8; price++) {
    await cache.invalidate('price')
    expect(await cache.getOrLoad('price', () => price)).toBe(price)
  }
}

describe.each<[string, BadDay]>([
  ['locked by another process that writes', lockedByWriter],
  ['away with its folder', folderGone],
  ['deleted', deleted],
  ['replaced by a database of something else', replacedBySomethingElse],
  ['overwritten by what is no database', noDatabase],
  ['broken', brokenPages],
])('a file that is %s', (_what, badDay) => {
  test('while it is used: calls go on by loading, nothing old is served, and it is used again once it is well', async () => {
    const path = newFile()
    const [one, other] = [openCache(path), openCache(path)]
    await one.set('price', 1, { ttl: '1h' })
    expect(await other.get('price')).toBe(1)
    const heal = begin(badDay, path)
    await expectLoads(one)
    heal()
    await expectUsed(one, other)
    await vi.waitFor(async () => expect(await other.get('price')).not.toBe(1))
  })
})

describe.each<[string, BadDay]>([
  ['locked by another process that writes', lockedByWriter],
  ['locked for all others', lockedForAll],
  ['read-only', readOnly],
  ['overwritten by what is no database', noDatabase],
  ['broken', brokenPages],
])('a file that is %s', (_what, badDay) => {
  test('when a process starts: it starts, calls go on by loading, and it is used once it is well', async () => {
    const path = newFile()
    await openCache(path).set('price', 1)
    await open.pop()?.close()
    const heal = begin(badDay, path)
    const [one, other] = [openCache(path), openCache(path)]
    await expectLoads(one)
    heal()
    await expectUsed(one, other)
  })
})

/** Of the connections that are made from now on: so many pages may the file have. SQLite says the same where a disk is full. */
function limitPages(): (pages: number) => void {
  const made = new Set<DatabaseSync>()
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function noted(sql) {
    made.add(this)
    exec.call(this, sql)
  }
  endings.push(() => void (DatabaseSync.prototype.exec = exec))
  return (pages) => {
    for (const one of made) if (one.isOpen) exec.call(one, `PRAGMA max_page_count = ${pages}`)
  }
}

test('a file that is full: calls go on by loading, nothing old is served, and it is used again once there is room', async () => {
  const path = newFile()
  const limit = limitPages()
  const [one, other] = [openCache(path), openCache(path)]
  await one.set('price', 1, { ttl: '1h' })
  limit(1)
  const big = { text: 'x'.repeat(100_000) }
  expect(await one.getOrLoad('big', () => big)).toEqual(big)
  expect(await other.get('big')).toBeUndefined()
  await expectLoads(one)
  limit(100_000)
  await expectUsed(one, other)
  expect(await one.getOrLoad('big', () => big)).toEqual(big)
  await vi.waitFor(async () => expect(await other.get('price')).not.toBe(1))
})

test('a file that was put back from a copy is another one', async () => {
  const path = newFile()
  const [one, other] = [openCache(path), openCache(path)]
  await one.set('price', 1, { ttl: '1h' })
  expect(await other.get('price')).toBe(1)
  checkpoint(path)
  copyFileSync(path, `${path}.copy`)
  await one.set('price', 2, { ttl: '1h' })
  await vi.waitFor(async () => expect(await other.get('price')).toBe(2))
  remove(path)
  renameSync(`${path}.copy`, path)
  await vi.waitFor(async () => expect(await other.get('price')).toBeUndefined())
  await expectUsed(one, other)
})
