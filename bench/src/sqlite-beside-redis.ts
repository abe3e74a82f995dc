import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Cache, RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { sqliteStore } from '@shelflife/sqlite'
import { startRedis } from '@shelflife/test-servers'
import { markdownTable } from 'markdown-table'

/** A cache on a SQLite file and one on a Redis of the same machine, by turns in one run: what the README of sqlite says. */

const ROUNDS = 15
const OPERATIONS = 300
const AT_ONCE = 64
const VALUE = { text: 'x'.repeat(1000) }

const folder = mkdtempSync(join(tmpdir(), 'shelflife-bench-'))
const redis = await startRedis()
const open = (store: RemoteStore): Cache => createCache({ namespace: 'bench', store })
const caches = {
  sqlite: open(sqliteStore(join(folder, 'cache.db'))),
  redis: open(ioredisStore(redis.url)),
}
type Name = keyof typeof caches

let made = 0
const lifetime = { ttl: '1h' } as const

const OPERATION: Readonly<Record<string, (cache: Cache) => Promise<unknown>>> = {
  'a hit': (cache) => cache.get('hit'),
  'a miss, loaded and stored': (cache) => cache.getOrLoad(`key ${made++}`, () => VALUE, lifetime),
  'an invalidation of a key': (cache) => cache.invalidate('other'),
}

const median = (all: readonly number[]): number => all.toSorted((one, other) => one - other)[all.length >> 1] as number

/** Microseconds of one operation, `atOnce` of which are under way. */
async function time(run: () => Promise<unknown>, atOnce: number): Promise<number> {
  let left = OPERATIONS
  const started = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await run()
    }),
  )
  return ((performance.now() - started) / OPERATIONS) * 1000
}

const rows: string[][] = []
try {
  for (const cache of Object.values(caches)) await cache.set('hit', VALUE, lifetime)
  for (const [what, run] of Object.entries(OPERATION)) {
    for (const atOnce of [1, AT_ONCE]) {
      const times: Record<Name, number[]> = { sqlite: [], redis: [] }
      for (let round = 0; round < ROUNDS; round++) {
        for (const name of ['sqlite', 'redis'] as const) times[name].push(await time(() => run(caches[name]), atOnce))
      }
      rows.push([what, String(atOnce), ...Object.values(times).map((all) => `${Math.round(median(all))} µs`)])
    }
  }
} finally {
  await Promise.all(Object.values(caches).map((cache) => cache.close()))
  await redis.stop()
  rmSync(folder, { recursive: true })
}
process.stdout.write(`${markdownTable([['', 'at once', 'SQLite', 'Redis'], ...rows])}\n`)
