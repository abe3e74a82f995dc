import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { upstashStore } from '@shelflife/upstash'

import type { Behaviour, Setting } from '../behaviour.ts'
import { expectSame, gate, pause, until } from '../behaviour.ts'

/** So long that a busy machine is not taken for a server that is away. */
const BUDGET = { read: '5s', write: '5s' } as const

interface Processes {
  readonly one: Cache
  readonly other: Cache
  close(): Promise<unknown>
}

/** Two that know nothing of each other but what the store tells them, the second with local copies. */
function processes(setting: Setting): Processes {
  const namespace = `n-${crypto.randomUUID()}`
  const one = createCache({ namespace, store: upstashStore(setting, { budget: BUDGET }) })
  const other = createCache({
    namespace,
    store: [memoryStore(), upstashStore(setting, { budget: BUDGET })],
    maxDrift: 200,
  })
  return { one, other, close: () => Promise.all([one.close(), other.close()]) }
}

const value = () => ({ at: new Date(5), bytes: Uint8Array.from({ length: 256 }, (_, i) => i), big: 2n ** 64n })

/** Upstash, over the REST front. */
export const upstash: readonly Behaviour[] = [
  {
    title: 'a value of one process is a hit in another, with the same type and bytes',
    async run(setting) {
      const { one, other, close } = processes(setting)
      let loads = 0
      const load = async () => {
        loads++
        return value()
      }
      await one.cached(load, { name: 'thing' })()
      const { at, bytes, big } = await other.cached(load, { name: 'thing' })()
      expectSame(
        [loads, at instanceof Date && at.getTime(), [...bytes], String(big)],
        [1, 5, [...value().bytes], String(2n ** 64n)],
      )
      await close()
    },
  },
  {
    title: 'one load for two processes that miss at once',
    async run(setting) {
      const { one, other, close } = processes(setting)
      let loads = 0
      const load = async () => {
        loads++
        await pause(100)
        return loads
      }
      const gets = [one, other].map((cache) => cache.cached(load, { name: 'thing' }))
      expectSame(await Promise.all(gets.map((get) => get())), [1, 1])
      await close()
    },
  },
  {
    title: 'what another process invalidates while it loads is not kept',
    async run(setting) {
      const { one, other, close } = processes(setting)
      let version = 1
      const [began, release] = [gate(), gate()]
      const load = async () => {
        const seen = version
        if (seen === 1) {
          began.open()
          await release.opened
        }
        return seen
      }
      const [mine, theirs] = [one.cached(load, { name: 'thing' }), other.cached(load, { name: 'thing' })]
      const first = mine()
      await began.opened
      version = 2
      await theirs.invalidate()
      release.open()
      await first
      expectSame([await mine(), await theirs()], [2, 2])
      await close()
    },
  },
  {
    title: 'an invalidation of a tag reaches local copies of another process within `maxDrift`',
    async run(setting) {
      const { one, other, close } = processes(setting)
      let version = 1
      const options = { name: 'thing', tags: ['things/all'], tier: 'static' } as const
      const [mine, theirs] = [one, other].map((cache) => cache.cached(async () => version, options))
      expectSame([await mine?.(), await theirs?.()], [1, 1])
      version = 2
      await one.invalidateTags(['things'])
      expectSame(await mine?.(), 2, 'the value where it was invalidated')
      await pause(200)
      expectSame(await theirs?.(), 2, 'the value elsewhere')
      await close()
    },
  },
  {
    title: 'a refresh is handed to `waitUntil` and stored',
    async run(setting) {
      const works: Promise<unknown>[] = []
      const namespace = `n-${crypto.randomUUID()}`
      const store = upstashStore(setting, { budget: BUDGET })
      const cache = createCache({ namespace, store, waitUntil: (work) => void works.push(work) })
      let version = 1
      const get = cache.cached(async () => version, { name: 'thing', ttl: 20, staleWhileRevalidate: '1h' })
      await get()
      version = 2
      await pause(40)
      expectSame(await get(), 1, 'the stale value')
      await Promise.all(works)
      await until('the new value is read', async () => (await get()) === 2)
      await cache.close()
    },
  },
  {
    title: 'a database that cannot be reached costs its budget once, and no error',
    async run() {
      const store = upstashStore({ url: 'http://127.0.0.1:1', token: 'x' }, { budget: { read: 200, write: 200 } })
      const cache = createCache({ namespace: 'away', store })
      const errors: string[] = []
      cache.on('storeError', ({ error }) => void errors.push(String((error as { code?: string }).code)))
      const get = cache.cached(async (id: number) => id, { name: 'thing' })
      expectSame([await get(1), await get(2)], [1, 2])
      expectSame(
        errors.length > 0 && errors.every((code) => /^store-(unavailable|timeout)$/.test(code)),
        true,
        'a code',
      )
      await cache.close()
    },
  },
]
