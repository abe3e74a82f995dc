import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { setTimeout as sleep } from 'node:timers/promises'

import { startChild } from '../children/start-child.ts'
import type { Peer } from '../peers/peer.ts'
import { offers } from '../peers/peer.ts'
import { LIBRARIES } from '../peers/peers.ts'
import { digits, duration, size } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import { multiplyEntries } from './multiply-entries.ts'
import type { Part } from './part.ts'
import { BENCH_CHILD } from './side-by-side.ts'

/** What is loaded through the library. */
const LOADED = 10_000
const COUNTS = [10_000, 1_000_000]
/** For whoever gave Redis up while it was busy. */
const RECOVERY = 3000
/** Milliseconds after which nobody waits for an invalidation any more. */
const PATIENCE = 20_000
const LANES = 256
const HOUR = 3_600_000

async function memoryOf(redis: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))?.[1])
}

/** Invalidates so many entries on Redis with one call. */
async function invalidate(peer: Peer, count: number): Promise<readonly string[]> {
  const redis = await startRedis()
  const child = await startChild(BENCH_CHILD)
  try {
    const options = { peer: peer.name, layout: 'remote', url: redis.url, ttl: HOUR, isLabelled: true }
    await child.call('open', options)
    const empty = await memoryOf(redis)
    await child.call('fill', LOADED, LANES)
    if (count > LOADED) {
      await multiplyEntries(redis, count / LOADED)
      await sleep(RECOVERY)
    }
    const full = await memoryOf(redis)
    const invalidating = child.call('invalidateLabel').then(Number)
    const time = await Promise.race([invalidating, sleep(PATIENCE, Infinity, { ref: false })])
    if (time > PATIENCE) return [`longer than ${duration(PATIENCE * 1e6)}`, size(full - empty), '–', '–']
    const after = await memoryOf(redis)
    const loads = Number(await child.call('loads'))
    for (const key of [0, LOADED >> 1, LOADED - 1]) await child.call('read', `user-${key}`)
    const isGone = Number(await child.call('loads')) === loads + 3
    return [duration(time * 1e6), size(full - empty), size(after - empty), isGone ? 'yes' : '**no**']
  } catch (error) {
    return [`failed: ${(error as Error).message}`, '', '', '']
  } finally {
    await child.kill()
    await redis.stop()
  }
}

/** One tag that all entries on Redis have. */
export const tagsPart: Part = async () => {
  const rows: (readonly string[])[] = []
  for (const count of COUNTS) {
    for (const peer of LIBRARIES.filter((one) => offers(one, ['remote', 'label']))) {
      rows.push([peer.name, digits(count), ...(await invalidate(peer, count))])
    }
  }
  return { text: tableText({ head: ['', 'entries', 'time', 'Redis before', 'Redis after', 'all gone'], rows }) }
}
