import { rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { sqliteStore } from '@shelflife/sqlite'
import { expect, test, vi } from 'vitest'

import { newFile } from './file.ts'

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
  for (const end of ['', '-wal', '-shm']) rmSync(path + end)
  await vi.waitFor(() => expect(lost).toBe(1))
  const commit = { key: 'key', owner: 'one', fence, envelope: new Uint8Array(1), age: 0, ttl: 1000, keep: 1000 }
  expect(await store.commit(commit)).toBe(false)
  const another = sqliteStore(path)
  await another.invalidate(['key'])
  await Promise.all([store.close(), another.close()])
  expect(statSync(path).size).toBeGreaterThan(0)
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
