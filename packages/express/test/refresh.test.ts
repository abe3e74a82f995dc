import type { Express, RequestHandler } from 'express'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const BRIEF = { ttl: 20, staleWhileRevalidate: '1m' } as const

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  /** Where routes can be. */
  const PLACES: Readonly<Record<string, (app: Express, chain: readonly RequestHandler[]) => string>> = {
    'a route': (app, chain) => (app.get('/a/b', ...chain), '/a/b?c=d'),
    'a router under a path': (app, chain) => (app.use('/a', express.Router().get('/b', ...chain)), '/a/b?c=d'),
    'an application in another': (app, chain) => {
      const inner = express()
      inner.get('/b', ...chain)
      app.use('/a', inner)
      return '/a/b?c=d'
    },
  }

  test.each(Object.entries(PLACES))(
    'a stale response of %s is served, and made anew once for nobody',
    async (_name, put) => {
      const { cache } = caching()
      const app = express()
      const seen: unknown[] = []
      const others: unknown[] = []
      let runs = 0
      app.use((_req, res, next) => {
        res.set('X-Front', '1')
        next()
      })
      let open = (): void => {}
      const opened = new Promise<void>((resolve) => {
        open = resolve
      })
      const path = put(app, [
        cache({ ...BRIEF, cookies: 'ignore', headers: ['x-kept'], unkeyed: ['x-other', 'req.ip'] }),
        async (req, res) => {
          runs++
          const run = `run ${runs}`
          if (runs > 1) await opened
          seen.push([req.originalUrl, req.get('cookie'), req.get('x-kept'), req.ip, req.protocol])
          others.push(req.get('x-other'))
          res.send(run)
        },
      ])
      const server = await serve(app)
      const headers = { cookie: 'session=alice', 'x-kept': 'yes', 'x-other': 'of one' }
      await server.get(path, { headers })
      await soon(40)
      const stale = await Promise.all([1, 2, 3].map(() => server.get(path, { headers })))
      expect(stale.map((got) => got.text)).toEqual(['run 1', 'run 1', 'run 1'])
      expect(runs).toBe(2)
      open()
      await vi.waitFor(async () => expect((await server.get(path, { headers })).text).toMatch(/run [23]/), {
        timeout: 10_000,
      })
      expect(seen[1]).toEqual(['/a/b?c=d', undefined, 'yes', '127.0.0.1', 'http'])
      expect(seen[1]).toEqual(seen[0])
      expect(others.slice(0, 2)).toEqual(['of one', undefined])
    },
  )

  test.each(['another route', 'nothing', 'nothing, in front of the cache'])(
    'of an application that is called and not mounted, a refresh finds %s under the whole path, and nothing of that is stored',
    async (found) => {
      const { cache } = caching()
      const [app, inner] = [express(), express()]
      let runs = 0
      if (found === 'nothing, in front of the cache')
        inner.use('/shop', (_req, res) => void res.status(404).send('none'))
      inner.use(cache({ ...BRIEF, staleIfError: '1m' }))
      inner.get('/p', (_req, res) => void res.send(`product ${++runs}`))
      if (found === 'another route') inner.get('/shop/p', (_req, res) => void res.send('another'))
      inner.use((_req, res) => void res.status(404).send('none'))
      app.use('/shop', (req, res, next) => (inner as unknown as RequestHandler)(req, res, next))
      const server = await serve(app)
      expect((await server.get('/shop/p')).text).toBe('product 1')
      await soon(40)
      expect((await server.get('/shop/p')).text).toBe('product 1')
      await vi.waitFor(async () => expect((await server.get('/shop/p')).text).toBe('product 2'), { timeout: 10_000 })
    },
  )

  const REFUSALS: Readonly<Record<string, RequestHandler>> = {
    'is answered': (_req, res) => void res.status(401).send('who are you?'),
    fails: (_req, _res, next) => next(new Error('who are you?')),
  }

  test.each(Object.keys(REFUSALS))(
    'after a refresh that %s in front of the handler the next request asks anew',
    async (how) => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      let refused = 0
      app.use((req, res, next) => {
        if (req.get('cookie') !== undefined) return next()
        refused++
        return REFUSALS[how]?.(req, res, next)
      })
      app.get('/', cache({ ...BRIEF, cookies: 'ignore' }), (_req, res) => void res.send(`run ${++runs}`))
      const server = await serve(app)
      const headers = { cookie: 'session=alice' }
      await server.get('/', { headers })
      await soon(40)
      await server.get('/', { headers })
      await vi.waitFor(() => expect(refused).toBe(1), { timeout: 10_000 })
      await vi.waitFor(async () => expect((await server.get('/', { headers })).text).toBe('run 2'), { timeout: 10_000 })
    },
  )

  test('a refresh of what came by TLS has shown no certificate', async () => {
    const { cache } = caching()
    const app = express()
    const shown: unknown[] = []
    app.use((req, _res, next) => {
      const socket = req.socket as Partial<TLSSocket>
      // as a connection by TLS has it
      if (socket.remotePort !== undefined) Object.assign(socket, { getPeerCertificate: () => ({ subject: 'alice' }) })
      shown.push(socket.getPeerCertificate?.())
      next()
    })
    app.get('/', cache(BRIEF), (_req, res) => void res.send('x'))
    const server = await serve(app)
    await server.get('/')
    await soon(40)
    await server.get('/')
    await vi.waitFor(() => expect(shown).toContainEqual({}), { timeout: 10_000 })
  })

  test('a refresh is trusted no more than the client was', async () => {
    const { cache } = caching()
    const app = express()
    app.set('trust proxy', (address: string) => address === '10.0.0.1')
    const schemes: string[] = []
    app.get('/', cache(BRIEF), (req, res) => {
      schemes.push(req.protocol)
      res.send('x')
    })
    const server = await serve(app)
    const headers = { 'x-forwarded-proto': 'https' }
    await server.get('/', { headers })
    await soon(40)
    await server.get('/', { headers })
    await vi.waitFor(() => expect(schemes).toEqual(['http', 'http']), { timeout: 10_000 })
  })

  test.each(['throw', 'hang', 'half'])(
    'a refresh that goes wrong (%s) bothers nobody and leaves nothing running',
    async (how) => {
      const { cache } = caching({ maxFillTime: 1000 })
      const app = express()
      let runs = 0
      let closed = 0
      app.get('/', cache({ ...BRIEF, staleIfError: '1m' }), (_req, res) => {
        runs++
        if (runs === 1) return void res.send('good')
        res.on('close', () => closed++)
        if (how === 'throw') throw Object.assign(new Error('broken'), { status: 500 })
        if (how === 'half') res.write('half')
      })
      app.use((_error: unknown, _req: unknown, res: { status(code: number): { end(): void } }, _next: unknown) =>
        res.status(500).end(),
      )
      const server = await serve(app)
      await server.get('/')
      await soon(40)
      expect((await server.get('/')).text).toBe('good')
      await vi.waitFor(() => expect([runs, closed]).toEqual([2, 1]), { timeout: 10_000 })
      // half an answer that comes too slowly takes the place of what was stored, and passes by
      if (how !== 'half') expect((await server.get('/')).text).toBe('good')
    },
  )

  test('a refresh has its time where that is more than a timer can take', async () => {
    const { cache } = caching({ maxFillTime: '60d' })
    const app = express()
    let runs = 0
    app.get('/', cache(BRIEF), async (_req, res) => {
      runs++
      const run = `run ${runs}`
      await soon(40)
      res.send(run)
    })
    const server = await serve(app)
    await server.get('/')
    await soon(40)
    expect((await server.get('/')).text).toBe('run 1')
    await vi.waitFor(async () => expect((await server.get('/')).text).not.toBe('run 1'), { timeout: 10_000 })
  })

  test('a refresh is answered with 304 by a handler that gave a validator', async () => {
    const { cache } = caching()
    const app = express()
    const statuses: number[] = []
    app.get('/', cache(BRIEF), (_req, res) => {
      res.send('the same')
      statuses.push(res.statusCode)
    })
    const server = await serve(app)
    await server.get('/')
    await soon(40)
    await server.get('/')
    await vi.waitFor(() => expect(statuses).toEqual([200, 304]), { timeout: 10_000 })
    expect((await server.get('/')).text).toBe('the same')
  })
})
