import { setTimeout as sleep } from 'node:timers/promises'

import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { sqliteStore } from '@shelflife/sqlite'
import { expect, test, vi } from 'vitest'

import { brokenPages, deleted, folderGone, lockedByWriter, noDatabase, replacedBySomethingElse } from './bad-day.ts'
import { newFile } from './file.ts'

const BAD_DAYS = [lockedByWriter, folderGone, deleted, replacedBySomethingElse, noDatabase, brokenPages]
const DAYS = 24
const KEYS = ['a', 'b', 'c', 'd']
const [CACHES, READERS, WRITERS] = [3, 12, 3]
/** Milliseconds. */
const LONGEST_DAY = 300

const pick = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T
const counts = (): Map<string, number> => new Map(KEYS.map((key) => [key, 0]))
const at = (all: ReadonlyMap<string, number>, key: string): number => all.get(key) ?? 0

test('whatever happens to the file, no caller gets what he was told is invalidated, and none fails', async () => {
  const path = newFile()
  const caches: Cache[] = []
  while (caches.length < CACHES) {
    caches.push(createCache({ namespace: 'shop', store: sqliteStore(path) }))
    // their timers run at different times, as those of several processes do
    await sleep(20)
  }
  const [versions, told] = [counts(), counts()]
  const old: string[] = []
  let isOver = false

  async function read(): Promise<void> {
    const key = pick(KEYS)
    const atLeast = at(told, key)
    async function load(): Promise<number> {
      const version = at(versions, key)
      await sleep(1)
      return version
    }
    const version = await pick(caches).getOrLoad(key, load, { ttl: '1h' })
    if (version < atLeast) old.push(`${key}: ${version} instead of ${atLeast}`)
    await sleep(Math.random() * 4)
  }

  async function write(): Promise<void> {
    const key = pick(KEYS)
    const version = at(versions, key) + 1
    versions.set(key, version)
    const { remote } = await pick(caches).invalidate(key)
    if (remote === 'done') told.set(key, Math.max(version, at(told, key)))
    await sleep(Math.random() * 20)
  }

  async function repeat(act: () => Promise<void>): Promise<void> {
    while (!isOver) await act()
  }

  const running = [
    ...Array.from({ length: READERS }, () => repeat(read)),
    ...Array.from({ length: WRITERS }, () => repeat(write)),
  ]
  for (let day = 0; day < DAYS; day++) {
    const heal = pick(BAD_DAYS)(path)
    await sleep(Math.random() * LONGEST_DAY)
    heal()
    await sleep(Math.random() * LONGEST_DAY)
  }
  isOver = true
  await Promise.all(running)
  expect(old).toEqual([])
  expect([...told.values()].every((version) => version > 0)).toBe(true)
  await vi.waitFor(() => {
    for (const cache of caches) expect(cache.health().stores[0]).toMatchObject({ state: 'up', owed: 0 })
  }, 10_000)
  await Promise.all(caches.map((cache) => cache.close()))
}, 60_000)
