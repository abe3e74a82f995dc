import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { HotKeyRequest, HotKeyResult, HotKeySetup } from './children/hot-key.ts'
import type { Child } from './start-child.ts'
import { quantile, startChild } from './start-child.ts'

/** One run of the loader, in machine time. */
interface Load {
  readonly key: string
  readonly from: number
  readonly to: number
}

const PROCESSES = 4
const REQUEST: HotKeyRequest = { rate: 200, seconds: 10 }
const [TTL, LOAD] = [300, 100]
/** Times are stamped by Redis in whole milliseconds, and timers may fire one early. */
const ROUNDING = 3

let server: RedisServer
let children: Child[] = []

beforeAll(async () => {
  server = await startRedis()
})
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()))
  await server.command('FLUSHALL')
})
afterAll(() => server.stop())

const setups = [
  { title: 'a local store in front', isLocal: true },
  { title: 'the remote store alone', isLocal: false },
]

describe.each(setups)('one hot key: 800 requests a second from 4 processes, $title', ({ title, isLocal }) => {
  test('each expiry costs one load, and nobody waits for it', { timeout: 30_000 }, async () => {
    const setup: HotKeySetup = { url: server.url, isLocal, ttl: TTL, load: LOAD }
    children = Array.from({ length: PROCESSES }, () => startChild('hot-key.ts', { setup }))
    await Promise.all(children.map((child, i) => child.call('get', `warm-up ${i}`)))
    await children[0]!.call('get', 'hot')
    const results = await Promise.all(children.map((child) => child.call<HotKeyResult>('requests', REQUEST)))

    const durations = results.flatMap((result) => result.durations)
    const loads = children
      .flatMap(({ events }) => events as Load[])
      .filter(({ key }) => key === 'hot')
      .toSorted((a, b) => a.from - b.from)
    // from when a value was loaded to when the next load of it began
    const rests = loads.slice(1).map(({ from }, i) => from - loads[i]!.to)
    const [fastest, slowest] = [(REQUEST.seconds * 1000) / TTL, (REQUEST.seconds * 1000) / (TTL + LOAD + 50)]
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => quantile(durations, share)) as [number, number, number]
    const noise = quantile(
      results.flatMap(({ pings }) => pings),
      0.99,
    )
    process.stdout.write(
      `hot key, ${title}: ${loads.length} loads, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ` +
        `max ${max.toFixed(2)} ms, p99 of PING ${noise.toFixed(2)} ms, next load ${Math.min(...rests).toFixed(1)} to ${Math.max(...rests).toFixed(1)} ms after the last\n`,
    )

    expect(results.flatMap(({ errors }) => errors)).toEqual([])
    expect(durations).toHaveLength(PROCESSES * REQUEST.rate * REQUEST.seconds)
    expect(Math.min(...rests)).toBeGreaterThan(TTL - ROUNDING)
    expect(loads.length).toBeLessThanOrEqual(Math.ceil(fastest))
    expect(loads.length).toBeGreaterThanOrEqual(Math.floor(slowest))
    // on a machine that is too busy for that, a bare PING takes as long
    expect(p99).toBeLessThan(Math.max(5, 2 * noise))
  })
})
