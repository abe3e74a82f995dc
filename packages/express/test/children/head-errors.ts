import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { NextFunction, Request, Response } from 'express'

import { cacheResponses } from '../../src/index.ts'
import { FAULTY } from '../faulty-handlers.ts'
import { framework, listen } from './listen.ts'

const app = framework()()
const shop = createCache({ namespace: 'heads', store: memoryStore() })
const { cache, invalidates } = cacheResponses({ cache: shop, onUnkeyedInput: () => {} })

app.get('/alive', (_req, res) => void res.send('yes'))
for (const [name, handler] of Object.entries(FAULTY)) {
  app.all(`/plain/${name}`, handler)
  app.all(`/cached/${name}`, cache({ ttl: '1m' }), handler)
  app.all(`/invalidates/${name}`, invalidates(), handler)
}
app.use((error: { readonly code?: string }, req: Request, res: Response, next: NextFunction) => {
  // what cannot be answered any more is broken off by Express
  if (res.headersSent) return next(error)
  for (const header of res.getHeaderNames()) res.removeHeader(header)
  res.statusMessage = ''
  res.status(500).send(`caught ${error.code} of ${req.method}`)
})
listen(app)
