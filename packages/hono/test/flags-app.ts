import { createCache } from '@shelflife/core'
import type { NamedInVary } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'

import { cacheResponses } from '../src/index.ts'

const NAMING: Readonly<Record<NamedInVary, MiddlewareHandler>> = {
  before: (c, next) => {
    c.header('Vary', 'Origin', { append: true })
    return next()
  },
  late: async (c, next) => {
    await next()
    c.header('Vary', 'X-Late', { append: true })
    c.header('X-Other', 'late')
    c.res.headers.append('Vary', 'X-Later')
  },
  'late-in-place': async (c, next) => {
    await next()
    c.res.headers.set('Vary', 'X-Late')
    c.res = new Response(c.res.body, { headers: { Vary: 'X-Replaced' } })
  },
  'by-the-handler': (_c, next) => next(),
}

/** Leaves a flag for alice alone, and lets names come into `Vary`. */
export function flagsApp(): Hono {
  const shop = createCache({ namespace: 'flags', store: memoryStore() })
  const { cache } = cacheResponses({ cache: shop, onUnkeyedInput() {} })
  const app = new Hono()
  app.use((c, next) => {
    if (c.req.header('x-who') === 'alice') c.set('isAlice' as never, true as never)
    return next()
  })
  for (const [named, naming] of Object.entries(NAMING)) {
    app.get(`/${named}`, naming, cache({ ttl: '1m', inputs: 'warn' }), (c) => {
      if (named === 'by-the-handler') c.header('Vary', 'Accept')
      c.header('Cache-Control', 'public, max-age=60')
      return c.text(`for ${'isAlice' in c.var ? 'alice' : 'bob'}`)
    })
  }
  return app
}
