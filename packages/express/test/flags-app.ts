import { createCache } from '@shelflife/core'
import type { NamedInVary } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import type { Express, RequestHandler } from 'express'
import type { ServerResponse } from 'node:http'

import { cacheResponses } from '../src/index.ts'

/** As on-headers does it. */
function onHead(res: ServerResponse, change: () => void): void {
  const { writeHead } = res
  res.writeHead = (...args: readonly unknown[]) => {
    change()
    return Reflect.apply(writeHead, res, args) as ServerResponse
  }
}

const NAMING: Readonly<Record<NamedInVary, RequestHandler>> = {
  before: (_req, res, next) => {
    res.vary('Origin')
    next()
  },
  late: (_req, res, next) => {
    onHead(res, () => void res.append('Vary', 'X-Late'))
    next()
  },
  'late-in-place': (_req, res, next) => {
    onHead(res, () => void res.setHeader('Vary', 'X-Late'))
    next()
  },
  'by-the-handler': (_req, _res, next) => next(),
}

/** Leaves a flag for alice alone, and lets names come into `Vary`. */
export function flagsApp(create: () => Express) {
  const shop = createCache({ namespace: 'flags', store: memoryStore() })
  const { cache } = cacheResponses({ cache: shop, onUnkeyedInput() {} })
  const app = create()
  app.use((req, _res, next) => {
    if (req.get('x-who') === 'alice') Object.assign(req, { isAlice: true })
    next()
  })
  for (const [named, naming] of Object.entries(NAMING)) {
    app.get(`/${named}`, naming, cache({ ttl: '1m', inputs: 'warn' }), (req, res) => {
      if (named === 'by-the-handler') res.vary('Accept')
      res.set('Cache-Control', 'public, max-age=60').send(`for ${'isAlice' in req ? 'alice' : 'bob'}`)
    })
  }
  // the page that a browser stands on
  app.get('/facts', (_req, res) => void res.send('facts'))
  return { app, close: () => shop.close() }
}
