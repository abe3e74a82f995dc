import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Growth, HeapSource } from '../children/heap.ts'
import type { Child } from '../start-child.ts'
import { startChild } from '../start-child.ts'
import { updateDocs } from './table.ts'

const ALL: readonly HeapSource[] = ['loaded', 'set', 'Redis, msgpack']
const SMALL: readonly HeapSource[] = ['loaded', 'Redis, msgpack']
/** Large enough to be compressed. */
const LARGE: readonly HeapSource[] = ['loaded', 'Redis, msgpack', 'Redis, compressed']

const KINDS: Readonly<Record<string, readonly HeapSource[]>> = {
  numbers: ALL,
  'short text': SMALL,
  'small objects': ALL,
  'nested objects': SMALL,
  'objects with 8 names of their own': SMALL,
  'lists of 2,000 small objects': LARGE,
  'lists of 1,000 whole numbers': LARGE,
  'lists of 1,000 fractions': LARGE,
  'Maps of 1,000': LARGE,
  'Sets of 1,000': LARGE,
  'objects with two Dates': SMALL,
  'HTML of 100 kB': LARGE,
  'a number with 30 tags of its own': ALL,
  'a number with a key of 1,000 characters': SMALL,
  'buffers of 256 kB': LARGE,
  'buffers of 40 bytes': SMALL,
}

const COLUMNS = ['what', 'where from', 'accounted', 'heap grown', 'ratio']
const rows: string[][] = []
const size = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

/** In processes of their own, so that nothing else makes the heap grow. */
async function growth(kind: string, source: HeapSource): Promise<Growth> {
  const setup = { url: server.url, source }
  const children: Child[] = []
  const start = (...flags: readonly string[]): Child => {
    const child = startChild('heap.ts', { setup, flags })
    children.push(child)
    return child
  }
  try {
    if (source.startsWith('Redis')) await start().call('write', kind)
    return await start('--expose-gc').call('measure', kind)
  } finally {
    await Promise.all(children.map((child) => child.kill()))
    await server.command('FLUSHALL')
  }
}

const all = Object.entries(KINDS).flatMap(([kind, sources]) => sources.map((source) => ({ kind, source })))

test.for(all)('maxBytes bounds what the process has: $kind, $source', { timeout: 60_000 }, async ({ kind, source }) => {
  const { accounted, grown } = await growth(kind, source)
  rows.push([kind, source, size(accounted), size(grown), (grown / accounted).toFixed(2)])
  expect(grown / accounted).toBeGreaterThan(1 / 2)
  expect(grown / accounted).toBeLessThan(2)
})

test.runIf(process.env['UPDATE_DOCS'] !== undefined)('the table is in the docs', () => {
  updateDocs('sizes', [COLUMNS, ...rows])
})
