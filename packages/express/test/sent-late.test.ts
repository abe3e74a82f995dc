import type { Express, Request, RequestHandler, Response } from 'express'
import { request } from 'node:http'
import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { cookieSession, expressSession, helmet } from './libraries.ts'
import type { Server } from './serve.ts'
import { serve } from './serve.ts'

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

type WithSession = Request & { readonly session: Record<string, string> }

const SESSIONS: Readonly<Record<string, () => RequestHandler>> = {
  'express-session': () => expressSession({ secret: 'any', resave: false, saveUninitialized: false }),
  'cookie-session': () => cookieSession({ keys: ['any'] }),
}

/** Does something about the head when it goes out, as `on-headers` does. */
const atTheLastMoment =
  (change: (req: Request, res: Response) => void): RequestHandler =>
  (req, res, next) => {
    const { writeHead } = res
    res.writeHead = (...args: readonly unknown[]) => {
      change(req, res)
      return Reflect.apply(writeHead, res, args) as Response
    }
    next()
  }

/** Asks, and goes away before there is an answer. */
async function askAndLeave({ port }: Server, path: string, headers: Record<string, string>): Promise<void> {
  const sent = request({ port, host: '127.0.0.1', path, headers, agent: false })
  sent.on('error', () => {})
  sent.end()
  await soon(20)
  sent.destroy()
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  /** What several clients get of a page, one after the other. */
  async function got(build: (app: Express) => void, ...clients: readonly Record<string, string>[]): Promise<string[]> {
    const app = express()
    build(app)
    const server = await serve(app)
    const answers: string[] = []
    for (const headers of clients) answers.push((await server.get('/', { headers })).text)
    return answers
  }

  test.each(Object.keys(SESSIONS))('what is made of a session that begins is of one client: %s', async (name) => {
    const { cache } = caching()
    const answers = await got(
      (app) => {
        app.use(SESSIONS[name]!())
        app.get('/', cache({ ttl: '1m', inputs: 'off' }), (req, res) => {
          const { session } = req as WithSession
          session['token'] ??= randomUUID()
          res.send(session['token'])
        })
      },
      {},
      {},
      {},
    )
    expect(new Set(answers).size).toBe(3)
  })

  test.each(Object.keys(SESSIONS))('a page that leaves the session alone is stored behind it: %s', async (name) => {
    const { cache } = caching()
    const build = (app: Express) => {
      let runs = 0
      app.use(helmet(), SESSIONS[name]!())
      app.get('/', cache({ ttl: '1m' }), (_req, res) => {
        res.write(`run ${++runs}`)
        setImmediate(() => res.end('.'))
      })
    }
    expect(await got(build, {}, {})).toEqual(['run 1.', 'run 1.'])
  })

  test.each<[string, (req: Request, res: Response) => void]>([
    ['a cookie', (_req, res) => void res.append('Set-Cookie', 'sid=1')],
    ['private', (_req, res) => void res.set('Cache-Control', 'private')],
    ['no-store in the place of what the handler said', (_req, res) => void res.set('Cache-Control', 'no-store')],
    ['Vary', (_req, res) => void res.vary('Cookie')],
  ])('what is added to the head as it goes out keeps it from being stored: %s', async (_name, change) => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.use(
      atTheLastMoment((req, res) => {
        if (req.get('x-who') !== undefined) change(req, res)
      }),
    )
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      res.set('Cache-Control', 'max-age=60').write(`run ${++runs}`)
      setImmediate(() => res.end())
    })
    const server = await serve(app)
    for (const [i, who] of ['alice', 'bob'].entries()) {
      expect((await server.get('/', { headers: { 'x-who': who } })).text).toBe(`run ${i + 1}`)
    }
    // what was refused is tried again after a moment
    await vi.waitFor(async () => expect((await server.get('/')).text).toBe((await server.get('/')).text))
    expect(runs).toBeGreaterThan(2)
  })

  test('it is seen also where it is given to writeHead, and where nothing else has been set', async () => {
    const { cache } = caching()
    const answers = await got(
      (app) => {
        let runs = 0
        app.disable('x-powered-by')
        app.use((_req, res, next) => {
          const { writeHead } = res
          res.writeHead = (status: number) => writeHead.call(res, status, { 'Set-Cookie': 'sid=1' }) as Response
          next()
        })
        app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.end(`run ${++runs}`))
      },
      {},
      {},
    )
    expect(answers).toEqual(['run 1', 'run 2'])
  })

  test('what would have been added for a client that has gone counts', async () => {
    const { cache } = caching()
    const app = express()
    let ended = 0
    app.use(atTheLastMoment((req, res) => void (req.get('x-who') && res.append('Set-Cookie', 'sid=1'))))
    app.get('/', cache({ ttl: '1m' }), async (_req, res) => {
      await soon(50)
      res.send(`run ${++ended}`)
    })
    const server = await serve(app)
    await askAndLeave(server, '/', { 'x-who': 'alice' })
    await vi.waitFor(() => expect(ended).toBe(1))
    expect((await server.get('/')).text).toBe('run 2')
    // what was refused is tried again after a moment, where the client had not gone yet
    await vi.waitFor(async () => expect((await server.get('/')).text).toBe((await server.get('/')).text))
  })

  test('what is made for a client that has gone is stored where nothing is added', async () => {
    const { cache } = caching()
    const app = express()
    let ended = 0
    app.use(SESSIONS['express-session']!())
    app.get('/', cache({ ttl: '1m' }), async (_req, res) => {
      await soon(50)
      res.send(`run ${++ended}`)
    })
    const server = await serve(app)
    await askAndLeave(server, '/', {})
    expect((await server.get('/')).text).toBe('run 1')
    expect((await server.get('/')).text).toBe('run 1')
  })

  test('what throws as the head goes out breaks the connection off, and the answer is not stored', async () => {
    const { cache } = caching()
    const app = express()
    const failing = { isSo: true }
    let runs = 0
    app.use(
      atTheLastMoment(() => {
        if (failing.isSo) throw new Error('no head')
      }),
    )
    app.get('/:how', cache({ ttl: '1m' }), (req, res) => {
      runs++
      if (req.params['how'] === 'send') return void res.send('x')
      res.write('x')
      setImmediate(() => res.end())
    })
    const server = await serve(app)
    for (const path of ['/send', '/stream']) await expect(server.get(path)).rejects.toThrow()
    failing.isSo = false
    for (const path of ['/send', '/stream']) expect((await server.get(path)).text).toBe('x')
    expect(runs).toBe(4)
  })

  test('a refresh for which a session begins takes the page away', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.use(SESSIONS['express-session']!())
    app.get('/', cache({ ttl: 20, staleWhileRevalidate: '1m', inputs: 'off' }), (req, res) => {
      runs++
      if (runs > 1) (req as WithSession).session['token'] = 'a'
      res.send(`run ${runs}`)
    })
    const server = await serve(app)
    await server.get('/')
    await soon(40)
    expect((await server.get('/')).text).toBe('run 1')
    await vi.waitFor(() => expect(runs).toBe(2))
    await vi.waitFor(async () => expect((await server.get('/')).text).not.toMatch(/run [12]$/))
  })
})
