import type { NextFunction, Request, Response } from 'express'
import type { RequestListener } from 'node:http'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('whoever is answered in front while he waits for another can fail afterwards', async () => {
    const { cache } = caching()
    const app = express()
    let asked = 0
    let runs = 0
    app.use((_req: Request, _res: Response, next: NextFunction) => {
      if (++asked > 1) setTimeout(() => next(new Error('too slow')), 50)
      next()
    })
    app.use(cache({ ttl: '1m' }), (_req: Request, res: Response, next: NextFunction) => {
      if (++runs > 1) return next(new Error('fails'))
      setTimeout(() => res.set('Cache-Control', 'no-store').send('late'), 200)
    })
    const server = await serve(app as RequestListener)
    const first = server.get('/')
    await vi.waitFor(() => expect(asked).toBe(1))
    expect((await server.get('/')).status).toBe(500)
    expect((await first).text).toBe('late')
    // an uncaught error would fail the run
    expect((await server.get('/')).status).toBe(500)
  })
})
