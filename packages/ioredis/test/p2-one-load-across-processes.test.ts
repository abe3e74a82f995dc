import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CallersRequest, CallersResult, CallersSetup } from './children/callers.ts'
import type { Child } from './start-child.ts'
import { quantile, startChild } from './start-child.ts'

const PROCESSES = 4
const CALLERS = 250
const KEY = 'the cold one'

let server: RedisServer
let children: Child[] = []
/** Who began to load the key, in order. */
let loaders: Child[] = []

beforeAll(async () => {
  server = await startRedis()
})
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()))
  await server.command('FLUSHALL')
})
afterAll(() => server.stop())

/** Processes that are connected and have done a read of another key. */
async function startWarm(setup: Omit<CallersSetup, 'url'>): Promise<void> {
  loaders = []
  const heard = (event: unknown, child: Child): void => {
    if ((event as { load: string }).load === KEY) loaders.push(child)
  }
  children = Array.from({ length: PROCESSES }, () => {
    return startChild('callers.ts', { setup: { ...setup, url: server.url }, heard })
  })
  await Promise.all(children.map((child) => child.call('warmUp')))
}

const callAll = (load: number): Promise<CallersResult>[] =>
  children.map((child) => child.call('callers', { key: KEY, callers: CALLERS, load } satisfies CallersRequest))

const setups = [
  { title: 'a local store in front', isLocal: true },
  { title: 'the remote store alone', isLocal: false },
]

describe.each(setups)('P2 one load: 1,000 callers in 4 processes, $title', ({ title, isLocal }) => {
  test('a cold key is loaded once, and nobody waits much longer than the load', async () => {
    const load = 200
    await startWarm({ isLocal })
    const results = await Promise.all(callAll(load))
    const waits = results.flatMap((result) => result.waits)
    const p99 = quantile(waits, 0.99)
    process.stdout.write(`one load of ${load} ms, ${title}: p99 ${p99.toFixed(1)} ms\n`)
    expect(waits).toHaveLength(PROCESSES * CALLERS)
    expect(loaders).toHaveLength(1)
    expect(new Set(results.flatMap(({ values }) => values)).size).toBe(1)
    expect(p99).toBeLessThan(load + 50)
  })

  test('a load that takes longer than the lease keeps it', async () => {
    await startWarm({ isLocal, lease: 100 })
    const results = await Promise.all(callAll(400))
    expect(loaders).toHaveLength(1)
    expect(new Set(results.flatMap(({ values }) => values)).size).toBe(1)
  })

  test('when the loading process is killed another one takes over as soon as the lease has ended', async () => {
    const [lease, load, slack] = [1000, 400, 250]
    await startWarm({ isLocal, lease })
    const results = Promise.allSettled(callAll(load))
    await expect.poll(() => loaders.length).toBe(1)
    await sleep(load / 2)
    await loaders[0]!.kill()
    const waits = (await results).flatMap((one) => (one.status === 'fulfilled' ? one.value.waits : []))
    const longest = Math.max(...waits)
    process.stdout.write(
      `lease ${lease} ms, load ${load} ms, loader killed, ${title}: at most ${longest.toFixed(0)} ms\n`,
    )
    expect(waits).toHaveLength((PROCESSES - 1) * CALLERS)
    expect(loaders).toHaveLength(2)
    expect(longest).toBeLessThan(lease + load + slack)
  })
})
