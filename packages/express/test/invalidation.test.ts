import { createReferenceServer } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'

import { cacheLifetime, cacheResponses, cacheTags, noStore } from '../src/index.ts'
import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { cookieSession, expressSession } from './libraries.ts'
import { serve } from './serve.ts'

function thrown(message: string): string[] {
  throw new Error(message)
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('a write that succeeds makes tags void before it is answered, one that fails does not', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    let runs = 0
    app.get('/list', cache({ ttl: '1m', tags: ['list'] }), (_req, res) => void res.send(`run ${++runs}`))
    app.post(
      '/:status',
      invalidates({ tags: (req, res) => [String(res.locals['tag']), String(req.params['status'])] }),
      (req, res) => {
        res.locals['tag'] = 'list'
        res.status(Number(req.params['status'])).json({ written: true })
      },
    )
    const server = await serve(app)
    await server.get('/list')
    const failed = await server.get('/422', { method: 'POST', body: 'x' })
    expect([failed.status, failed.text]).toEqual([422, '{"written":true}'])
    expect((await server.get('/list')).text).toBe('run 1')
    const done = await server.get('/201', { method: 'POST', body: 'x' })
    expect([done.status, done.text, done.header('content-length')]).toEqual([201, '{"written":true}', '16'])
    expect((await server.get('/list')).text).toBe('run 2')
  })

  test('a write past the cache makes its own URI void, and says that it was forwarded', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.use(cache({ ttl: '1m' }))
    app.get('/thing', (_req, res) => void res.send(`run ${++runs}`))
    app.put('/thing', (_req, res) => void res.writeHead(204, { 'Cache-Status': 'other; hit' }).end())
    const server = await serve(app)
    await server.get('/thing')
    const put = await server.get('/thing', { method: 'PUT', body: 'x' })
    expect([put.status, put.lines('cache-status')]).toEqual([204, ['other; hit', 'shelflife;fwd=method']])
    expect((await server.get('/thing')).text).toBe('run 2')
  })

  test('an answer that is written in parts waits for the invalidation, whole and in order', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
    app.post('/', invalidates(), (_req, res) => {
      res.writeHead(200, ['X-B', '1', 'X-A', '2'])
      res.write('one ')
      res.write('two ')
      res.end('three')
    })
    const server = await serve(app)
    await server.get('/')
    expect((await server.get('/', { method: 'POST' })).text).toBe('one two three')
    expect((await server.get('/')).text).toBe('run 2')
  })

  test.each([
    ['cannot be worked out', 'no tags', () => thrown('no tags')],
    ['is none', 'a tag must be', () => ['list', undefined as unknown as string]],
  ])('a write of which a tag %s is an error of its request, and makes its URI void', async (_, message, tags) => {
    const { cache, invalidates } = caching()
    const app = express()
    let runs = 0
    app.get('/:name', cache({ ttl: '1m', tags: (req) => [String(req.params['name'])] }), (_req, res) => {
      res.send(`run ${++runs}`)
    })
    app.post('/:name', invalidates({ tags }), (req, res) => {
      res.status(201)
      if (req.params['name'] !== 'parts') return void res.json({ written: true })
      res.write('some of it')
      res.end('and the rest')
    })
    app.use((error: Error, _req: Request, res: Response, next: NextFunction) => {
      if (res.headersSent) return next(error)
      res.status(500).send(error.message)
    })
    const server = await serve(app)
    for (const path of ['/list', '/own', '/parts']) {
      await server.get(path)
      const { status, text } = await server.get(path, { method: 'POST', body: 'x' })
      expect([status, text]).toEqual([500, expect.stringContaining(message)])
      expect((await server.get(path)).text).toBe(`run ${runs}`)
    }
    expect(runs).toBe(6)
  })

  test('a head that was written already is broken off in its place', async () => {
    const { invalidates } = caching()
    const app = express()
    const errors: unknown[] = []
    app.post('/', invalidates({ tags: () => thrown('no tags') }), (_req, res) => void res.writeHead(201).end('written'))
    app.use((error: Error, _req: Request, _res: Response, next: NextFunction) => {
      errors.push(error.message)
      next(error)
    })
    app.set('env', 'test')
    const server = await serve(app)
    await expect(server.get('/', { method: 'POST' })).rejects.toThrow()
    expect(errors).toEqual(['no tags'])
  })

  test.each<[string, () => RequestHandler]>([
    ['express-session', () => expressSession({ secret: 'any', resave: false, saveUninitialized: true })],
    ['cookie-session', () => cookieSession({ keys: ['any'] })],
  ])('what stands behind has its say about the head, and may end the answer later: %s', async (_name, session) => {
    const { invalidates } = caching()
    const app = express()
    for (const [path, ...before] of [['/plain'], ['/cached', invalidates()]] as const) {
      app.post(path, ...before, session(), (req: Request, res: Response) => {
        ;(req as Request & { session: Record<string, string> }).session['user'] = 'alice'
        res.send('x')
      })
    }
    const server = await serve(app)
    const namesAt = async (path: string): Promise<string[]> => {
      const got = await server.get(path, { method: 'POST' })
      return got.lines('set-cookie').map((line) => line.slice(0, line.indexOf('=')))
    }
    const names = await namesAt('/plain')
    expect(names).not.toEqual([])
    expect(await namesAt('/cached')).toEqual(names)
  })

  test('a write past the cache that cannot be told where it has to be is an error of its request', async () => {
    const store = createReferenceServer().connect()
    const away = () => Promise.reject(new Error('away'))
    const shop = createCache({ namespace: 'test', store: { ...store, invalidate: away }, require: 'remote' })
    onTestFinished(() => shop.close())
    const app = express()
    app.set('env', 'test')
    app.use(cacheResponses({ cache: shop }).cache({ ttl: '1m' }))
    app.put('/thing', (_req, res) => void res.sendStatus(204))
    const server = await serve(app)
    expect((await server.get('/thing', { method: 'PUT' })).status).toBe(500)
  })

  test('tags that a handler adds make its response void', async () => {
    const { cache, shop } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      cacheTags(res, 'a', 'b')
      res.send(`run ${++runs}`)
    })
    const server = await serve(app)
    await server.get('/')
    await shop.invalidateTags(['b'])
    expect((await server.get('/')).text).toBe('run 2')
  })

  test('a handler decides how long its response is kept, and whether', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/:what', cache({ ttl: '1m' }), (req, res) => {
      if (req.params['what'] === 'not') noStore(res)
      else cacheLifetime(res, { ttl: '1h' })
      res.send(`run ${++runs}`)
    })
    const server = await serve(app)
    await server.get('/not')
    expect((await server.get('/not')).text).toBe('run 2')
    await server.get('/long')
    expect((await server.get('/long')).header('cache-status')).toMatch(/;ttl=3(?:600|599)/)
  })

  test('what handlers decide where nothing is cached does nothing', async () => {
    const app = express()
    app.get('/', (_req, res) => {
      cacheTags(res, 'a')
      cacheLifetime(res, { ttl: '1m' })
      noStore(res)
      res.send('fine')
    })
    const server = await serve(app)
    expect((await server.get('/')).text).toBe('fine')
  })
})
