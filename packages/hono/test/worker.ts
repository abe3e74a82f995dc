import { createCache } from '@shelflife/core'
import { ATTACK_ROUTES } from '@shelflife/http-suite/attack-routes'
import { memoryStore } from '@shelflife/memory'
import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'

import { cacheResponses } from '../src/index.ts'
import { attackedApp } from './attacked-app.ts'

const shop = createCache({ namespace: 'shop', store: memoryStore() })
const { cache } = cacheResponses({ cache: shop, onUnkeyedInput: () => {} })

const app = attackedApp(ATTACK_ROUTES)
const runs = new Map<string, number>()

function run(c: Context): number {
  const count = (runs.get(c.req.path) ?? 0) + 1
  runs.set(c.req.path, count)
  return count
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Comes in steps, 100 ms apart. */
const slowly = (...steps: readonly string[]): ReadableStream<Uint8Array> => {
  const left = [...steps]
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = left.shift()
      if (step === undefined) return controller.close()
      controller.enqueue(new TextEncoder().encode(step))
      await pause(100)
    },
  })
}

app.get('/counted', cache({ ttl: '1m' }), (c) => c.text(`run ${run(c)}`))
app.get('/streamed', cache({ ttl: '1m' }), (c) => c.body(slowly('first ', 'second ', `run ${run(c)}`)))
app.get('/left', cache({ ttl: '1m' }), async (c) => {
  const count = run(c)
  await pause(500)
  return c.text(`run ${count}`)
})
app.get('/refreshed', cache({ ttl: '2s', staleWhileRevalidate: '1m', cookies: 'ignore' }), async (c) => {
  const count = run(c)
  // longer than its client waits
  if (count > 1) await pause(100)
  return c.text(`run ${count} for ${c.req.header('cookie') ?? 'nobody'}`)
})
app.use('/session/*', async (c, next) => {
  await next()
  await pause(20)
  setCookie(c, 'sid', 'secret')
})
app.get('/session/whole', cache({ ttl: '1m' }), (c) => c.text(`run ${run(c)}`))
app.get('/session/streamed', cache({ ttl: '1m' }), (c) => c.body(slowly('first ', `run ${run(c)}`)))
app.get('/place', cache({ ttl: '1m' }), (c) => c.text(`run ${run(c)}, ${'cf' in c.req.raw && typeof c.req.raw.cf}`))
app.get('/encoded', cache({ ttl: '1m' }), (c) => {
  const init = { headers: { 'Content-Encoding': 'gzip', 'X-Run': String(run(c)) }, encodeBody: 'manual' }
  return new Response(Uint8Array.of(1, 2, 3), init)
})

// what workerd calls
// oxlint-disable-next-line import/no-default-export
export default app
