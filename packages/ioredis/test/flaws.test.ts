import { jsonCodec } from '@shelflife/core/protocol'
import { expect, test, vi } from 'vitest'

import { severalProcesses, versionedSource } from './two-processes.ts'

const processes = severalProcesses()
const { server, start } = processes

const LASTING = { tier: 'static' } as const

async function callsOf(...commands: readonly string[]): Promise<number> {
  const stats = String(await server().command('INFO', 'commandstats'))
  const counts = commands.map((command) => new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? '0')
  return counts.reduce((sum, count) => sum + Number(count), 0)
}

for (const local of [true, false]) {
  test(`4: a tag that is invalidated during a load in another process is not lost (${local ? 'two levels' : 'remote'})`, async () => {
    const [one, other] = [start({ local }), start({ local })]
    const source = versionedSource()
    const options = { name: 'value', ...LASTING, tags: ['tag'] }
    const [read, readOther] = [one.cached(source.load, options), other.cached(source.load, options)]
    source.hold()
    const old = read()
    await source.begun
    source.version = 2
    await other.invalidateTags(['tag'])
    source.release()
    expect(await old).toBe(1)
    expect(await readOther()).toBe(2)
    await vi.waitFor(async () => expect(await read()).toBe(2))
  })

  test(`8: of tag invalidations at once each counts (${local ? 'two levels' : 'remote'})`, async () => {
    const [one, other] = [start({ local }), start({ local })]
    const source = versionedSource()
    const read = one.cached(source.load, { name: 'value', ...LASTING, tags: ['a', 'b'] })
    for (let round = 0; round < 50; round++) {
      await read()
      source.version++
      await Promise.all([one.invalidateTags(['a']), other.invalidateTags(['a']), other.invalidateTags(['b'])])
      // `one` has invalidated by itself, so there is no drift
      expect(await read()).toBe(source.version)
    }
  })
}

test('14: nothing, zero, empty text and dates come back from Redis as what they were', async () => {
  const values = [
    0,
    '',
    false,
    null,
    new Date(5),
    Number.NaN,
    7n,
    new Map([[{ a: 1 }, new Set([1])]]),
    { u: undefined },
  ]
  const [one, other] = [start({ local: false }), start({ local: false })]
  const load = vi.fn(async (i: number) => values[i])
  const [read, readOther] = [one.cached(load, { name: 'value' }), other.cached(load, { name: 'value' })]
  for (const [i, value] of values.entries()) {
    expect(await read(i)).toStrictEqual(value)
    expect(await readOther(i)).toStrictEqual(value)
    expect(await read(i)).toStrictEqual(value)
  }
  expect(load).toHaveBeenCalledTimes(values.length)
})

test('18: messages that are sent while the subscriber reconnects keep no copy alive beyond maxDrift', async () => {
  const [one, other] = [start({ maxDrift: '1s' }), start()]
  const source = versionedSource()
  const options = { name: 'value', ...LASTING }
  const [read, readOther] = [one.cached(source.load, options), other.cached(source.load, options)]
  await read()
  await vi.waitFor(async () =>
    expect(
      Number(
        await server()
          .command('PUBSUB', 'NUMSUB', '{shelflife}:bus')
          .then(String)
          .then((text) => text.split(',')[1]),
      ),
    ).toBe(2),
  )
  source.version = 2
  await server().command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await readOther.invalidate()
  const invalidatedAt = performance.now()
  await vi.waitFor(async () => expect(await read()).toBe(2), { timeout: 5000, interval: 10 })
  expect(performance.now() - invalidatedAt).toBeLessThan(1500)
})

test('19: an invalidation that does not reach Redis says so, holds here at once, and is made up for', async () => {
  const one = start({ local: false, budget: { read: 50, write: 50 } })
  const source = versionedSource()
  const read = one.cached(source.load, { name: 'value', ...LASTING })
  await read()
  server().pause()
  source.version = 2
  const { remote } = await read.invalidate()
  expect(remote).toBe('queued')
  expect(await read()).toBe(2)
  server().resume()
  const other = start({ local: false })
  const readOther = other.cached(source.load, { name: 'value', ...LASTING })
  expect(await read()).toBe(2)
  await vi.waitFor(async () => expect(await readOther()).toBe(2), { timeout: 5000 })
})

test('20: invalidating and clearing is told to others, also of what this process does not hold', async () => {
  const [one, other] = [start(), start()]
  const source = versionedSource()
  const read = one.cached(source.load, { name: 'value', ...LASTING })
  const never = other.cached(source.load, { name: 'value', ...LASTING })
  for (const invalidate of [() => never.invalidate(), () => other.clear()]) {
    await read()
    source.version++
    await invalidate()
    await vi.waitFor(async () => expect(await read()).toBe(source.version), { interval: 1 })
  }
})

test('21: an id of a tag that Redis has evicted brings nothing back to life', async () => {
  const one = start({ local: false })
  const source = versionedSource()
  const read = one.cached(source.load, { name: 'value', ...LASTING, tags: ['tag'] })
  await read()
  source.version = 2
  await one.invalidateTags(['tag'])
  // an entry from before, as if the process that wrote it had been slow, cannot be told from this one
  await server().command('DEL', `{shelflife}:t{${processes.namespace}#tag}`)
  expect(await read()).toBe(2)
  source.version = 3
  await server().command('DEL', `{shelflife}:t{${processes.namespace}#tag}`, `{shelflife}:t{${processes.namespace}}`)
  expect(await read()).toBe(3)
})

test('22: one load for many processes', async () => {
  const caches = Array.from({ length: 6 }, () => start())
  const source = versionedSource()
  source.hold()
  const reads = caches.map((cache) => cache.cached(source.load, { name: 'value', ...LASTING })())
  await source.begun
  source.release()
  expect(new Set(await Promise.all(reads))).toEqual(new Set([1]))
  expect(source.loads).toBe(1)
})

test('23: clear leaves the keys of others alone, and never scans', async () => {
  const one = start({ local: false })
  const read = one.cached(async (id: number) => id, { name: 'value', ...LASTING })
  await server().command('SET', 'somebody:else', '1')
  const others = one.namespace('inner').cached(async (id: number) => id, { name: 'value', ...LASTING })
  for (let id = 0; id < 20; id++) await Promise.all([read(id), others(id)])
  await one.namespace('inner').clear()
  expect(await read.peek(1)).toBe(1)
  expect(await others.peek(1)).toBeUndefined()
  await one.clear()
  expect(await read.peek(1)).toBeUndefined()
  expect(await server().command('GET', 'somebody:else')).toBe('1')
  expect(await callsOf('keys', 'scan', 'flushall', 'flushdb', 'hscan', 'sscan')).toBe(0)
})

test('24: two releases with different envelopes do not overwrite each other for ever', async () => {
  const newer = { ...jsonCodec, id: 40 }
  const [old, young] = [start({ local: false }), start({ local: false, codec: newer })]
  const load = vi.fn(async () => 'value')
  const options = { name: 'value', ...LASTING }
  const [readOld, readYoung] = [old.cached(load, options), young.cached(load, options)]
  await readOld()
  await readYoung()
  const loads = load.mock.calls.length
  for (let i = 0; i < 5; i++) {
    await readOld()
    await readYoung()
  }
  // the older one loads each time, and what the newer one stored stays
  expect(load.mock.calls.length - loads).toBe(5)
})

test('30: a local hit sends no command, with tags and without', async () => {
  const one = start()
  const load = async (id: number): Promise<number> => id
  const plain = one.cached(load, { name: 'plain', ...LASTING })
  const tagged = one.cached(load, { name: 'tagged', ...LASTING, tags: (id) => [`tag/${id}`, 'all'] })
  await plain(1)
  await tagged(1)
  await vi.waitFor(async () => expect((await tagged.read(1)).store).toBe('local'))
  const before = await callsOf('get', 'mget')
  for (let i = 0; i < 1000; i++) await Promise.all([plain(1), tagged(1)])
  expect(await callsOf('get', 'mget')).toBe(before)
})
