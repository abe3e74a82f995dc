import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { cacheResponses } from '@shelflife/hono'
import { cachedFetch, createResponseCache } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import { Hono } from 'hono'

import type { Behaviour } from '../behaviour.ts'
import { expectSame, until } from '../behaviour.ts'

const URL = 'https://shop.example/tea'
type Fetch = (request: Request) => Response | Promise<Response>

const ask = async (fetch: Fetch, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new Request(URL, { headers }))

const statusOf = (response: Response): string => response.headers.get('cache-status') ?? ''

/** Whatever is in front of the cache. */
async function check(cache: Cache, fetch: Fetch): Promise<void> {
  const first = await ask(fetch)
  expectSame([first.status, await first.text()], [200, 'run 1'])
  // stored a little after its first client has it
  await until('it is a hit', async () => statusOf(await ask(fetch)).startsWith('shelflife;hit'))
  const hit = await ask(fetch)
  const etag = hit.headers.get('etag') ?? ''
  expectSame([hit.status, await hit.text(), etag !== '', hit.headers.has('age')], [200, 'run 1', true, true])
  const unchanged = await ask(fetch, { 'If-None-Match': etag })
  expectSame([unchanged.status, await unchanged.text()], [304, ''])
  const part = await ask(fetch, { Range: 'bytes=0-2' })
  expectSame([part.status, await part.text()], [206, 'run'])
  await cache.invalidateTags(['tea'])
  const changed = await ask(fetch, { 'If-None-Match': etag })
  expectSame([changed.status, await changed.text()], [200, 'run 2'])
}

const open = () => createCache({ namespace: 'responses', store: memoryStore() })

/** Http and hono. */
export const responses: readonly Behaviour[] = [
  {
    title: 'http: hits, 304, a part, and anew after an invalidation',
    async run() {
      const cache = open()
      let runs = 0
      const route = { tier: 'dynamic', tags: ['tea'] } as const
      await check(
        cache,
        cachedFetch(createResponseCache({ cache }), route, () => new Response(`run ${++runs}`)),
      )
      await cache.close()
    },
  },
  {
    title: 'hono: hits, 304, a part, and anew after an invalidation',
    async run() {
      const shop = open()
      const { cache } = cacheResponses({ cache: shop })
      let runs = 0
      const app = new Hono()
      app.get('/tea', cache({ tier: 'dynamic', tags: ['tea'] }), (c) => c.text(`run ${++runs}`))
      await check(shop, (request) => app.fetch(request))
      await shop.close()
    },
  },
  {
    title: 'http: what is not to be shared is not stored',
    async run() {
      const cache = open()
      let runs = 0
      const fetch = cachedFetch(createResponseCache({ cache }), { tier: 'dynamic' }, () => {
        return new Response(`run ${++runs}`, { headers: { 'Cache-Control': 'private' } })
      })
      expectSame([await (await ask(fetch)).text(), await (await ask(fetch)).text()], ['run 1', 'run 2'])
      await cache.close()
    },
  },
]
