import type { Request, Response } from 'express'
import { pipeline, Readable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

/** Much less than a fill may take. */
const SOON = { timeout: 10_000 }

type Break = (req: Request, res: Response, next: (error: Error) => void) => unknown

/** In which ways a handler can end a connection before its answer is whole. */
const BREAKS: Readonly<Record<string, Break>> = {
  'an error after the first byte': (_req, res, next) => {
    res.write('a part')
    next(new Error('late'))
  },
  'res.destroy()': (_req, res) => res.destroy(),
  'res.destroy(error)': (_req, res) => res.destroy(new Error('broken')),
  'req.destroy()': (req) => req.destroy(),
  'req.destroy(error)': (req) => req.destroy(new Error('broken')),
  'req.socket.destroy()': (req) => req.socket.destroy(),
  'req.socket.destroy(error)': (req) => req.socket.destroy(new Error('broken')),
  'req.socket.destroySoon()': (req) => req.socket.destroySoon(),
  'req.socket.resetAndDestroy()': (req) => req.socket.resetAndDestroy(),
  'res.socket.destroy()': (_req, res) => res.socket!.destroy(),
  'res.socket.end()': (_req, res) => res.socket!.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw'),
  'a pipeline that fails': (_req, res) => {
    async function* rows() {
      yield 'a part'
      throw new Error('broken')
    }
    pipeline(Readable.from(rows()), res, () => {})
  },
}

/** What goes wrong with an answer that has been given. */
const AFTER_THE_END: Readonly<Record<string, Break>> = {
  throw: () => {
    throw new Error('after the answer')
  },
  'next(error)': (_req, _res, next) => next(new Error('after the answer')),
  'res.destroy()': (_req, res) => res.destroy(),
  'req.socket.destroy()': (req) => req.socket.destroy(),
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  describe.each(Object.entries(BREAKS))('a handler that breaks its answer off: %s', (_name, breakOff) => {
    test('keeps nobody waiting', SOON, async () => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      let goOn = (): void => {}
      app.get('/', cache({ ttl: '1m' }), (req, res, next) => {
        if (++runs > 1) res.end('whole')
        else goOn = () => void breakOff(req, res, next)
      })
      app.use((error: unknown, _req: Request, _res: Response, next: (error: unknown) => void) => next(error))
      const server = await serve(app)
      const leader = server.get('/').catch(() => {})
      await vi.waitFor(() => expect(runs).toBe(1))
      const follower = server.get('/')
      goOn()
      await leader
      expect((await follower).text).toBe('whole')
      expect((await server.get('/')).text).toBe('whole')
    })

    test('keeps nobody waiting when its client has gone before', SOON, async () => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      app.get('/', cache({ ttl: '1m' }), async (req, res, next) => {
        if (++runs > 1) return void res.end('whole')
        res.write('begun')
        await left
        breakOff(req, res, next)
      })
      app.use((error: unknown, _req: Request, _res: Response, next: (error: unknown) => void) => next(error))
      let tellLeft = (): void => {}
      const left = new Promise<void>((resolve) => (tellLeft = resolve))
      const server = await serve((req, res) => {
        if (runs === 0) req.socket.once('close', () => setImmediate(tellLeft))
        app(req, res)
      })
      const leaving = new AbortController()
      server.get('/', { signal: leaving.signal }, () => leaving.abort()).catch(() => {})
      await left
      expect((await server.get('/')).text).toBe('whole')
    })
  })

  test.each(Object.entries(AFTER_THE_END))(
    'an answer that its handler has ended reaches its client, whatever comes after: %s',
    async (_name, fail) => {
      const { cache } = caching()
      const app = express()
      app.get('/', cache({ ttl: '1m' }), (req, res, next) => {
        if (req.query['in'] === 'parts') res.write('the ')
        res.end(req.query['in'] === 'parts' ? 'answer' : 'the answer')
        fail(req, res, next)
      })
      app.use((error: unknown, _req: Request, _res: Response, next: (error: unknown) => void) => next(error))
      const server = await serve(app)
      for (const path of ['/', '/?in=parts', '/']) expect((await server.get(path)).text).toBe('the answer')
    },
  )

  test.each(['pipe', 'pipeline'])(
    'a client that has gone before a write made its handler run again keeps nobody waiting: %s',
    SOON,
    async (how) => {
      const { cache, shop } = caching()
      const app = express()
      let asked = 0
      let gone = 0
      let heard = 0
      let runs = 0
      let goOn = (): void => {}
      const going = new Promise<void>((resolve) => (goOn = resolve))
      async function* rows() {
        yield 'one;'
        await going
        yield 'two;'
      }
      app.use((req, res, next) => {
        asked++
        req.socket.once('close', () => gone++)
        res.once('close', () => heard++)
        next()
      })
      app.get('/', cache({ ttl: '1m', tags: ['rows'] }), (_req, res) => {
        runs++
        if (how === 'pipe') Readable.from(rows()).pipe(res)
        else pipeline(Readable.from(rows()), res, () => {})
      })
      const server = await serve(app)
      const leaving = new AbortController()
      const first = server.get('/', { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(runs).toBe(1))
      const second = server.get('/', { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(asked).toBe(2))
      leaving.abort()
      await Promise.all([first, second])
      await vi.waitFor(() => expect(gone).toBe(2))
      await shop.invalidateTags(['rows'])
      const third = server.get('/')
      await vi.waitFor(() => expect(asked).toBe(3))
      goOn()
      expect((await third).text).toBe('one;two;')
      expect((await server.get('/')).text).toBe('one;two;')
      await vi.waitFor(() => expect(heard).toBe(4))
      expect(runs).toBe(2)
    },
  )
})
