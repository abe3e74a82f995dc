import type { Cache, Cached } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { RedisServer } from '@shelflife/test-servers'
import { faultProxy, startRedis } from '@shelflife/test-servers'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { ioredisStore } from '../src/index.ts'

/*
 * A Redis that comes back from a snapshot, or a replica that takes over, has forgotten what came after. Nothing was lost
 * on the way to the processes, so only the history itself tells.
 */

const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

const HEARTBEATS = 600
/** As long as a client may take to come back. */
const RECOVERY = { timeout: 8000, interval: 50 }
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

async function serverOfItsOwn(config: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis({ config })
  ended.push(() => server.stop())
  return server
}

/** What stands between processes and a server. Later it may lead to another one. */
async function switchTo({ host, port }: RedisServer) {
  const target = { host, port }
  const proxy = await faultProxy(target)
  ended.push(() => proxy.stop())
  return {
    url: proxy.url,
    cut() {
      proxy.mode = 'refuse'
      proxy.reset()
    },
    restore(server: RedisServer) {
      target.port = server.port
      proxy.mode = 'pass'
      proxy.reset()
    },
  }
}

const source = { version: 'old' }
afterEach(() => {
  source.version = 'old'
})

interface Process {
  readonly cache: Cache
  readonly get: Cached<[id: number], string>
  /** `true` for each loss of writes that it was told of. */
  readonly gaps: boolean[]
}

function start(url: string, { local }: { readonly local: boolean }): Process {
  const remote = ioredisStore(url)
  const cache = createCache({ namespace: 'shop', store: local ? [memoryStore(), remote] : remote })
  ended.push(() => cache.close())
  const gaps: boolean[] = []
  cache.on('gap', ({ lostWrites }) => void gaps.push(lostWrites))
  const load = async (id: number): Promise<string> => `${source.version} ${id}`
  return { cache, gaps, get: cache.cached(load, { name: 'value', tier: 'manual', tags: (id) => [`group/${id}`] }) }
}

const DONE = expect.objectContaining({ remote: 'done' })

async function invalidate({ get }: Process, ids: readonly number[]): Promise<void> {
  for (const id of ids) expect(await get.invalidate(id)).toEqual(DONE)
}

/** It has been told by the first heartbeat that was answered. */
const untilTold = ({ gaps }: Process): Promise<void> => vi.waitFor(() => expect(gaps).toContain(true), RECOVERY)

/** Until the process reads what is valid; from then on it reads nothing else. */
async function expectNew({ get }: Process, ids: readonly number[]): Promise<void> {
  const expected = ids.map((id) => `new ${id}`)
  await vi.waitFor(async () => expect(await Promise.all(ids.map((id) => get(id)))).toEqual(expected), RECOVERY)
  for (let i = 0; i < 10; i++) {
    await sleep(50)
    expect(await Promise.all(ids.map((id) => get(id)))).toEqual(expected)
  }
}

describe.each([
  ['local and remote', true],
  ['remote', false],
])('%s', (_, local) => {
  test('what an older snapshot brings back is not served after the next heartbeat', { timeout: 40_000 }, async () => {
    const server = await serverOfItsOwn()
    const here = start(server.url, { local })
    for (const id of [1, 2]) await here.get(id)
    await sleep(HEARTBEATS)
    await server.command('SAVE')
    source.version = 'new'
    await invalidate(here, [1])
    expect(await here.cache.invalidateTags(['group/2'])).toEqual(DONE)
    for (const id of [1, 2]) expect(await here.get(id)).toBe(`new ${id}`)
    // before anybody asks
    await server.restart()
    await untilTold(here)
    await expectNew(here, [1, 2])
  })

  test('the same when more was invalidated since, before anybody asked', { timeout: 40_000 }, async () => {
    const server = await serverOfItsOwn()
    const here = start(server.url, { local })
    for (const id of [1, 2, 3, 4, 5]) await here.get(id)
    await sleep(HEARTBEATS)
    await server.command('SAVE')
    source.version = 'new'
    await invalidate(here, [1, 2])
    await sleep(HEARTBEATS)
    await server.restart()
    const other = start(server.url, { local: false })
    await vi.waitFor(() => invalidate(other, [3]), RECOVERY)
    await invalidate(other, [3, 4, 5])
    await untilTold(here)
    await expectNew(here, [1, 2])
    await expectNew(other, [1, 2])
  })
})

/** Both have old values when two invalidations are carried out that the server will have forgotten. */
async function startBoth(server: RedisServer, forget: () => Promise<unknown>) {
  const line = await switchTo(server)
  const away = start(line.url, { local: true })
  const writer = start(line.url, { local: false })
  for (const id of [1, 2, 200, 201]) for (const one of [away, writer]) await one.get(id)
  await sleep(HEARTBEATS)
  await forget()
  await invalidate(writer, [200, 201])
  await sleep(HEARTBEATS)
  expect(away.cache.health().stores[1]).toMatchObject({ bus: 'complete' })
  line.cut()
  return { line, away, writer }
}

test('another history of the same length is a gap: after a restart from a snapshot', { timeout: 40_000 }, async () => {
  const server = await serverOfItsOwn()
  const { line, away, writer } = await startBoth(server, () => server.command('SAVE'))
  await server.restart()
  const direct = start(server.url, { local: false })
  source.version = 'new'
  await invalidate(direct, [1, 2])
  line.restore(server)
  await Promise.all([away, writer].map(untilTold))
  for (const one of [away, writer, direct]) await expectNew(one, [1, 2, 200, 201])
})

test('the same after a failover to a replica that lacks them', { timeout: 40_000 }, async () => {
  const primary = await serverOfItsOwn(['repl-diskless-sync-delay 0'])
  const replica = await serverOfItsOwn([`replicaof ${primary.host} ${primary.port}`])
  const inStep = async (): Promise<boolean> => (await replica.command('GET', '{shelflife}:t{shop}')) !== null
  const { line, away, writer } = await startBoth(primary, async () => {
    await vi.waitFor(async () => expect(await inStep()).toBe(true), RECOVERY)
    expect(await primary.command('WAIT', 1, 5000)).toBe(1)
    await replica.command('REPLICAOF', 'NO', 'ONE')
  })
  const direct = start(replica.url, { local: false })
  source.version = 'new'
  await vi.waitFor(() => invalidate(direct, [1]), RECOVERY)
  await invalidate(direct, [2])
  line.restore(replica)
  await Promise.all([away, writer].map(untilTold))
  for (const one of [away, writer, direct]) await expectNew(one, [1, 2, 200, 201])
})

test('what another database of the server is told disturbs nobody', { timeout: 40_000 }, async () => {
  const server = await serverOfItsOwn()
  const [here, there] = [0, 1].map((database) => start(`${server.url}/${database}`, { local: true })) as [
    Process,
    Process,
  ]
  await there.get(1)
  await here.get(1)
  await vi.waitFor(() => expect(here.cache.health().stores[1]).toMatchObject({ bus: 'complete' }), RECOVERY)
  await sleep(HEARTBEATS)
  await here.get(1)
  here.gaps.length = 0
  for (let i = 0; i < 15; i++) {
    await invalidate(there, [1])
    for (let j = 0; j < 10; j++) {
      expect((await here.get.read(1)).store).toBe('local')
      await sleep(20)
    }
  }
  expect(here.gaps).toEqual([])
})
