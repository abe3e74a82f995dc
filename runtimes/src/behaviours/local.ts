import { createCache, ShelflifeError } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

import type { Behaviour } from '../behaviour.ts'
import { expectSame, gate, pause, until } from '../behaviour.ts'

const open = () => createCache({ namespace: 'local', store: memoryStore() })

/** Core and memory. */
export const local: readonly Behaviour[] = [
  {
    title: 'a second call is a hit',
    async run() {
      const cache = open()
      let loads = 0
      const get = cache.cached(async (id: number) => ({ id, load: ++loads }), { name: 'thing' })
      expectSame(
        [await get(1), await get(1), await get(2)],
        [
          { id: 1, load: 1 },
          { id: 1, load: 1 },
          { id: 2, load: 2 },
        ],
      )
      expectSame(cache.stats().hits, 1, 'the number of hits')
      await cache.close()
    },
  },
  {
    title: 'a thousand callers of a cold key cause one load',
    async run() {
      const cache = open()
      let loads = 0
      const get = cache.cached(
        async () => {
          loads++
          await pause(20)
          return loads
        },
        { name: 'thing' },
      )
      const values = await Promise.all(Array.from({ length: 1000 }, () => get()))
      expectSame([...new Set(values)], [1])
      await cache.close()
    },
  },
  {
    title: 'what is invalidated while it loads is not kept',
    async run() {
      const cache = open()
      let version = 1
      const { opened, open: letGo } = gate()
      const get = cache.cached(
        async () => {
          const seen = version
          if (seen === 1) await opened
          return seen
        },
        { name: 'thing' },
      )
      const first = get()
      await pause(1)
      version = 2
      await get.invalidate()
      const second = get()
      letGo()
      await first
      expectSame([await second, await get()], [2, 2])
      await cache.close()
    },
  },
  {
    title: 'a stale value is served while it is refreshed in the background',
    async run() {
      const works: Promise<unknown>[] = []
      const cache = createCache({
        namespace: 'local',
        store: memoryStore(),
        waitUntil: (work) => void works.push(work),
      })
      let version = 1
      const get = cache.cached(async () => version, { name: 'thing', ttl: 20, staleWhileRevalidate: '1h' })
      await get()
      version = 2
      await pause(40)
      expectSame(await get(), 1, 'the stale value')
      await Promise.all(works)
      expectSame(await get(), 2, 'the refreshed value')
      await cache.close()
    },
  },
  {
    title: 'a stale value is served when loading fails, and the error otherwise',
    async run() {
      const cache = open()
      let isBroken = false
      const options = { name: 'thing', ttl: 20, staleWhileRevalidate: 0, staleIfError: '1h' } as const
      const get = cache.cached(async (id: number) => {
        if (isBroken) throw new RangeError('broken')
        return `value ${id}`
      }, options)
      await get(1)
      isBroken = true
      await pause(40)
      expectSame(await get(1), 'value 1')
      const error: unknown = await get(2).catch((reason: unknown) => reason)
      expectSame(error instanceof RangeError && error.message, 'broken')
      await cache.close()
    },
  },
  {
    title: 'a tag reaches every entry below it, and no other',
    async run() {
      const cache = open()
      let version = 1
      const get = cache.cached(async (path: string) => `${path} ${version}`, { name: 'page', tags: (path) => [path] })
      for (const path of ['shop/tea', 'shop/tea/green', 'shop/cups']) await get(path)
      version = 2
      await cache.invalidateTags(['shop/tea'])
      const pages = await Promise.all(['shop/tea', 'shop/tea/green', 'shop/cups'].map((path) => get(path)))
      expectSame(pages, ['shop/tea 2', 'shop/tea/green 2', 'shop/cups 1'])
      await cache.close()
    },
  },
  {
    title: 'memory is bounded',
    async run() {
      const store = memoryStore({ maxEntries: 10 })
      const cache = createCache({ namespace: 'local', store })
      const get = cache.cached(async (id: number) => id, { name: 'thing' })
      for (let id = 0; id < 100; id++) await get(id)
      expectSame(store.usage().entries, 10, 'the number of entries')
      await cache.close()
    },
  },
  {
    title: 'a load that takes too long ends with an error of its own',
    async run() {
      const cache = open()
      let isAborted = false
      const get = cache.cached(
        (context) => {
          context.signal.addEventListener('abort', () => {
            isAborted = true
          })
          return new Promise<never>(() => {})
        },
        { name: 'thing', context: true, hardTimeout: 20 },
      )
      const error: unknown = await get().catch((reason: unknown) => reason)
      expectSame(error instanceof ShelflifeError && error.code, 'load-timeout')
      await until('the load is aborted', () => isAborted)
      await cache.close()
    },
  },
]
