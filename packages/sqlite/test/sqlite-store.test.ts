import { renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

import { fakeClock } from '@shelflife/conformance'
import { createCache, exactClock } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { sqliteStore } from '@shelflife/sqlite'
import { expect, test, vi } from 'vitest'

import { inFile, newFile, remove } from './file.ts'

const HOUR = 3_600_000

/** Holds the lock that everybody needs who writes, until it is called. */
function lock(path: string): () => void {
  const database = new DatabaseSync(path)
  database.exec('BEGIN IMMEDIATE')
  return () => database.close()
}

test('a command that waits for others holds up nobody in this process, and reads wait for nobody', async () => {
  const path = newFile()
  const store = sqliteStore(path, { budget: { write: '20s' } })
  const unlock = lock(path)
  const invalidated = store.invalidate(['key'])
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  expect(await store.read('key', ['tag'])).toEqual({ record: undefined, ids: [undefined] })
  await vi.waitFor(() => expect(turns).toBeGreaterThan(10), { timeout: 10_000 })
  unlock()
  await invalidated
  clearInterval(counting)
  await store.close()
})

test('a crowd that waits for others tries once for all, in the order in which it came', async () => {
  const path = newFile()
  const clock = fakeClock()
  const store = sqliteStore(path, { clock })
  const unlock = lock(path)
  const [crowd, waits] = [500, 100]
  const ended: number[] = []
  const attempts = vi.spyOn(StatementSync.prototype, 'run')
  const all = Array.from({ length: crowd }, (_, i) => store.invalidate([String(i)]).then(() => void ended.push(i)))
  for (let i = 0; i < waits; i++) clock.advance(1)
  expect(attempts.mock.calls.length).toBeLessThan(crowd)
  attempts.mockRestore()
  unlock()
  clock.advance(10)
  await Promise.all(all)
  expect(ended).toEqual(Array.from({ length: crowd }, (_, i) => i))
  await store.close()
})

test('a command that waits for others longer than its budget says so', async () => {
  const path = newFile()
  const store = sqliteStore(path, { budget: { write: '50ms' } })
  const unlock = lock(path)
  await expect(store.invalidate(['key'])).rejects.toMatchObject({
    code: 'store-timeout',
    message: `"${path}" was locked by others for 50 ms`,
  })
  unlock()
  await store.invalidate(['key'])
  await store.close()
})

test('an invalidation reaches the copies of another cache', async () => {
  const path = newFile()
  const [one, other] = [1, 2].map(() =>
    createCache({ namespace: 'shop', store: [memoryStore(), sqliteStore(path)], maxDrift: '1h' }),
  )
  await one!.set('price', 1, { ttl: '1h' })
  expect(await other!.get('price')).toBe(1)
  await one!.set('price', 2, { ttl: '1h' })
  await vi.waitFor(async () => expect(await other!.get('price')).toBe(2))
  await Promise.all([one!.close(), other!.close()])
})

test('a file that was deleted is made anew, and what was read of the old one counts no more', async () => {
  const path = newFile()
  const store = sqliteStore(path)
  let lost = 0
  store.bus?.listen({ confirmed() {}, gap() {}, lost: () => void lost++ })
  const opened = await store.open({ key: 'key', owner: 'one', lease: 0, mode: 'load' })
  const fence = 'fence' in opened ? opened.fence : ''
  remove(path)
  await vi.waitFor(() => expect(lost).toBe(1))
  const commit = { key: 'key', owner: 'one', fence, envelope: new Uint8Array(1), age: 0, ttl: 1000, keep: 1000 }
  expect(await store.commit(commit)).toBe(false)
  const another = sqliteStore(path)
  await another.invalidate(['key'])
  await Promise.all([store.close(), another.close()])
  expect(statSync(path).size).toBeGreaterThan(0)
})

test('commands fail as long as the file is gone and cannot be made anew', async () => {
  const path = newFile()
  const store = sqliteStore(path)
  await store.invalidate(['key'])
  const folder = dirname(path)
  renameSync(folder, `${folder}-gone`)
  const gone = { code: 'store-unavailable', message: expect.stringContaining('cannot be opened') as string }
  await expect(store.invalidate(['key'])).rejects.toMatchObject(gone)
  await expect(store.read('key', [])).rejects.toMatchObject(gone)
  renameSync(`${folder}-gone`, folder)
  await vi.waitFor(() => store.invalidate(['key']))
  await store.close()
})

test('what is written to a file that is deleted meanwhile has failed', async () => {
  const path = newFile()
  const store = sqliteStore(path)
  const { run } = StatementSync.prototype
  StatementSync.prototype.run = function removing(...values) {
    if (this.sourceSQL === 'COMMIT') remove(path)
    return Reflect.apply(run, this, values) as ReturnType<typeof run>
  }
  const invalidated = store.invalidate(['key'])
  StatementSync.prototype.run = run
  await expect(invalidated).rejects.toMatchObject({ code: 'store-unavailable' })
  await store.invalidate(['key'])
  await store.close()
})

test('a message that nobody can read is a gap, and those around it are heard', async () => {
  const path = newFile()
  const [store, other] = [sqliteStore(path), sqliteStore(path)]
  const heard: unknown[] = []
  store.bus?.listen({
    confirmed() {},
    message: ({ names }) => void heard.push(...names),
    gap: () => void heard.push('gap'),
    lost: () => void heard.push('lost'),
  })
  const rows = [
    ['invalidate', 'no JSON'],
    ['invalidate', '{"no": "list"}'],
    ['invalidate', '[1]'],
    ['of another release', '["name"]'],
  ]
  for (const [i, row] of rows.entries()) {
    heard.length = 0
    inFile(path, (file) => {
      const into = file.prepare(`INSERT INTO messages (id, sender, type, names, sent) VALUES ('', '', ?, ?, 0)`)
      into.run(...row)
    })
    await other.invalidate([`key ${i}`])
    await vi.waitFor(() => expect(heard).toContain(`key ${i}`))
    expect(heard).toContain('gap')
    expect(heard).not.toContain('name')
  }
  await Promise.all([store.close(), other.close()])
})

test('a process that starts after the clock was set back has the time of the others', async () => {
  const path = newFile()
  const store = sqliteStore(path)
  const opened = await store.open({ key: 'key', owner: 'one', lease: 0, mode: 'load' })
  const fence = 'fence' in opened ? opened.fence : ''
  await store.commit({ key: 'key', owner: 'one', fence, envelope: new Uint8Array(1), age: 0, ttl: 1000, keep: HOUR })
  const now = performance.timeOrigin + performance.now()
  const wall = vi.spyOn(Date, 'now').mockReturnValue(now - HOUR)
  const later = sqliteStore(path)
  const { record } = await later.read('key', [])
  wall.mockRestore()
  expect(record?.freshUntil).toBeLessThan(exactClock.now() + 1100)
  await Promise.all([store.close(), later.close()])
})

test('a relative path is one from where the process was when the store was made', async () => {
  const path = newFile()
  const before = process.cwd()
  process.chdir(dirname(path))
  const store = sqliteStore('cache.db')
  process.chdir(before)
  await store.invalidate(['key'])
  rmSync(path)
  await store.invalidate(['key'])
  expect(statSync(path).size).toBeGreaterThan(0)
  await store.close()
})

test('what is taken out leaves the file as small as it was', async () => {
  const path = newFile()
  const clock = fakeClock()
  const store = sqliteStore(path, { clock })
  for (let i = 0; i < 40; i++) {
    const opened = await store.open({ key: String(i), owner: 'one', lease: 0, mode: 'load' })
    const fence = 'fence' in opened ? opened.fence : ''
    const envelope = new Uint8Array(2 ** 18)
    await store.commit({ key: String(i), owner: 'one', fence, envelope, age: 0, ttl: 1000, keep: 1000 })
  }
  const pages = (): number => inFile(path, (file) => Number(file.prepare('PRAGMA page_count').get()?.['page_count']))
  expect(pages()).toBeGreaterThan(2560)
  for (let i = 0; i < 50; i++) {
    clock.advance(500)
    await new Promise((resolve) => void setImmediate(resolve))
  }
  expect(pages()).toBeLessThan(400)
  await store.close()
})

test('is closed for good', async () => {
  const store = sqliteStore(newFile())
  await store.open({ key: 'key', owner: 'one', lease: 60_000, mode: 'load' })
  const waiting = store.settled('key', 60_000)
  await store.close()
  await waiting
  await expect(store.read('key', [])).rejects.toThrow()
  await expect(store.invalidate(['key'])).rejects.toThrow()
  await store.settled('key', 60_000)
})

test('many names of one command leave the event loop its turns', async () => {
  const store = sqliteStore(newFile())
  let turns = 0
  const counting = setInterval(() => turns++, 0)
  await store.invalidate(Array.from({ length: 5000 }, (_, i) => String(i)))
  await sleep(1)
  clearInterval(counting)
  expect(turns).toBeGreaterThan(3)
  await store.close()
})
