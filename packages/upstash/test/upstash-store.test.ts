import { createCache, ShelflifeError } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { describeOptions } from '@shelflife/test-servers/describe-options'
import { upstashStore } from '@shelflife/upstash'
import { describe, expect, test, vi } from 'vitest'

import { startFront } from './front.ts'

const { server, front, store, during } = await startFront()

function refusalOf(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(ShelflifeError)
    expect(error).toMatchObject({ code: 'invalid-option' })
    return (error as Error).message
  }
  throw new Error('it was not refused')
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test.each([
  [{ url: 'redis://hunter2@localhost', token: 'hunter2' }, 'url'],
  [{ url: 'https://user:hunter2@name.upstash.io', token: 'hunter2' }, 'url'],
  [{ url: undefined, token: 'hunter2' }, 'url'],
  [{ url: 'https://x', token: 'hunter2' }, 'url'],
  [{ url: 'https://.hunter2', token: 'hunter2' }, 'url'],
  [{ url: 'https://$hunter2', token: 'hunter2' }, 'url'],
  [{ url: 'https://name.upstash.io:hunter2', token: 'hunter2' }, 'url'],
  [{ url: 'https://name.upstash.io', token: '' }, 'token'],
  [{ url: 'https://name.upstash.io', token: 'hunter2\nhunter2' }, 'token'],
  [{ url: 'https://name.upstash.io?token=hunter2', token: 'hunter2' }, 'url'],
  [undefined, 'url'],
])('%j is refused by naming what is wrong, without a secret', (target, named) => {
  const refusal = refusalOf(() => upstashStore(target as never))
  expect(refusal).toMatch(new RegExp(`^${named} `))
  expect(refusal).not.toContain('hunter2')
})

test('white space around the URL and the token does not count', async () => {
  const cache = createCache({
    namespace: 'spaces',
    store: upstashStore({ url: ` ${front.url}\n`, token: `\t${front.token}\n` }),
  })
  expect(await cache.set('key', 1)).toMatchObject({ remote: 'done' })
  await cache.close()
})

test('what `stampede` does not know is refused', () => {
  expect(refusalOf(() => store({ stampede: 'none' as never }))).toContain("'lease' or 'local'")
})

describeOptions((options) => upstashStore(front, options))

test('what a database behind HTTP cannot do is no option', () => {
  expect(refusalOf(() => store({ waitForReplicas: 1 } as never))).toContain("no option 'waitForReplicas'")
})

describe('one key in two processes', () => {
  async function loadsOf(stampede: 'lease' | 'local'): Promise<{ loads: number; names: string[] }> {
    const caches = [1, 2].map(() => createCache({ namespace: stampede, store: store({ stampede }) }))
    let loads = 0
    const calls = caches.map((cache) =>
      cache.cached(
        async () => {
          loads++
          await pause(300)
          return 'value'
        },
        { name: 'slow', ttl: '1h' },
      ),
    )
    // scripts are known and the clocks have been read
    for (const cache of caches) await cache.getOrLoad('other', () => 1)
    await Promise.all(caches.map((cache) => cache.get('other')))
    const names = await during(() => Promise.all(calls.map((call) => call())))
    await Promise.all(caches.map((cache) => cache.close()))
    return { loads, names }
  }

  test('is loaded once with leases; who waits looks again less and less often', async () => {
    const { loads, names } = await loadsOf('lease')
    expect(loads).toBe(1)
    // 300 ms with pauses that double: more often would cost more than it saves
    expect(names.length).toBeLessThan(20)
  })

  test('is loaded by both without, and nobody asks while he waits', async () => {
    const { loads, names } = await loadsOf('local')
    expect(loads).toBe(2)
    expect(names.toSorted()).toEqual([...Array(6).fill('EVALSHA'), 'MGET', 'MGET'])
  })
})

test('a local copy lives for `maxDrift` after an invalidation elsewhere, and no longer', async () => {
  const here = createCache({ namespace: 'drift', store: [memoryStore(), store()], maxDrift: 300 })
  const there = createCache({ namespace: 'drift', store: ioredisStore(server.url) })
  let version = 1
  const options = { name: 'thing', tier: 'static' } as const
  const get = here.cached(async () => version, options)
  const other = there.cached(async () => version, options)
  expect(await get()).toBe(1)
  version = 2
  await other.invalidate()
  const at = performance.now()
  await vi.waitFor(async () => expect(await get()).toBe(2), { interval: 10, timeout: 5000 })
  // and room for a busy machine
  expect(performance.now() - at).toBeLessThan(300 + 1000)
  await Promise.all([here.close(), there.close()])
})

test('others are told what was invalidated here', async () => {
  const here = createCache({ namespace: 'told', store: store() })
  const there = createCache({ namespace: 'told', store: [memoryStore(), ioredisStore(server.url)], maxDrift: '1h' })
  let version = 1
  const options = { name: 'thing', tier: 'static', tags: ['things'] } as const
  const mine = here.cached(async () => version, options)
  const theirs = there.cached(async () => version, options)
  await vi.waitFor(() => expect(there.health().stores[1]?.bus).toBe('complete'))
  for (const invalidate of [() => mine.invalidate(), () => here.invalidateTags(['things']), () => mine.set(5)]) {
    await theirs()
    version++
    await invalidate()
    const now = await mine()
    await vi.waitFor(async () => expect(await theirs()).toBe(now))
  }
  await Promise.all([here.close(), there.close()])
})

test.each(['duplicated', 'delayed', 'dropped', 'refused'] as const)(
  'what was invalidated is never read again although requests are %s',
  async (fault) => {
    let dice = 0
    const faults = {
      duplicated: { repeatAfter: 60 },
      delayed: { delay: 40, holdBack: 20 },
      dropped: { drop: 'answer' },
      refused: { answer: { status: 429, body: '{"error":"ERR too many requests"}' } },
    } as const
    const budget = { read: '1s', write: '1s' } as const
    const caches = [store({ budget }), [memoryStore(), store({ budget })] as const].map((one) =>
      createCache({ namespace: fault, store: one, maxDrift: 100, partitionTtl: 100, lease: 200 }),
    )
    front.inject = () => (++dice % 3 === 0 ? faults[fault] : undefined)
    let version = 0
    const gets = caches.map((cache) => cache.cached(async () => version, { name: 'thing', tier: 'static' }))
    for (let i = 0; i < 12; i++) {
      version++
      const { remote } = await gets[i % 2]!.invalidate()
      // at once where it was made, and everywhere when it is done and copies are too old
      expect(await gets[i % 2]!()).toBe(version)
      if (remote !== 'done') continue
      await pause(110)
      expect(await gets[(i + 1) % 2]!()).toBe(version)
    }
    front.inject = undefined
    await Promise.all(caches.map((cache) => cache.close()))
  },
)

test('work that goes on after the answer is handed to `waitUntil`', async () => {
  const works: Promise<unknown>[] = []
  const cache = createCache({
    namespace: 'until',
    store: store(),
    waitUntil: (work) => void works.push(work),
  })
  let loads = 0
  const get = cache.cached(async () => ++loads, { name: 'thing', ttl: 20, staleWhileRevalidate: '1h' })
  await get()
  await pause(40)
  expect(await get()).toBe(1)
  await Promise.all(works)
  expect(loads).toBe(2)
  expect(await get()).toBe(2)
  await cache.close()
})
