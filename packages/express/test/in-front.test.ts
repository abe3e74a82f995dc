import { EventEmitter, once } from 'node:events'
import { get } from 'node:http'

import type { Express, Request, RequestHandler, Response } from 'express'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { cookieParser, expressSession, helmet } from './libraries.ts'
import type { Headers, Loose } from './personal-applications.ts'
import { APPLICATIONS, loose } from './personal-applications.ts'
import type { Server } from './serve.ts'
import { serve } from './serve.ts'

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Cookies with a method, as some parsers leave them. */
class Parsed {
  readonly #all: ReadonlyMap<string, string>

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.#all = new Map(pairs)
  }

  get(name: string): string | undefined {
    return this.#all.get(name)
  }
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  async function served(build: (app: Express) => void | Promise<void>): Promise<Server> {
    const app = express()
    await build(app)
    return serve(app)
  }

  test.each(Object.entries(APPLICATIONS))(
    'nobody gets what was made of another: %s',
    async (name, { build, clients }) => {
      // what the handler says for a client alone
      const none: RequestHandler = (_req, _res, next) => next()
      const plain = await served((app) => build(app, none))
      const { cache } = caching()
      const cookies = name.includes('cookies') ? ({ cookies: 'ignore' } as const) : {}
      const cached = await served((app) => build(app, cache({ ttl: '1m', ...cookies }) as RequestHandler))
      for (const headers of [...clients, ...clients]) {
        const expected = await plain.get('/', { headers: { host: 'a.example', ...headers } })
        const got = await cached.get('/', { headers: { host: 'a.example', ...headers } })
        expect([got.status, got.text]).toEqual([expected.status, expected.text])
      }
    },
  )

  test('hosts that a trusted proxy forwards are told apart, and each has its own entry', async () => {
    const { cache } = caching()
    let runs = 0
    const server = await served((app) => {
      app.set('trust proxy', true)
      app.get('/', cache({ ttl: '1m' }), (req, res) => {
        runs++
        res.send([req.hostname, req.protocol, req.secure, req.get('x-forwarded-proto')].join(' '))
      })
    })
    for (const host of ['a.example', 'b.example', 'a.example', 'b.example']) {
      const headers = { 'x-forwarded-host': `${host}, inner.example`, 'x-forwarded-proto': 'https' }
      expect((await server.get('/', { headers })).text).toBe(`${host} https true https`)
    }
    expect(runs).toBe(2)
  })

  test.each<[string, 'ignore' | { vary: string[] }, (cookies: Loose) => void]>([
    ['changed', { vary: ['view'] }, (cookies) => void (cookies['view'] = 'few')],
    ['taken away', { vary: ['view'] }, (cookies) => void delete cookies['view']],
    ['added', { vary: ['view'] }, (cookies) => void (cookies['few'] = '1')],
    ['added where they are ignored', 'ignore', (cookies) => void (cookies['few'] = '1')],
  ])('cookies that something in front has %s for some clients only', async (_what, cookies, narrow) => {
    const { cache } = caching()
    const server = await served((app) => {
      app.use(cookieParser())
      app.use((req, _res, next) => {
        if (req.get('x-role') !== 'admin') narrow(req.cookies as Loose)
        next()
      })
      app.get('/', cache({ ttl: '1m', cookies }) as RequestHandler, (req, res) => {
        const { view = 'none', few } = req.cookies as Loose
        const isAll = few === undefined && (cookies === 'ignore' || view === 'all')
        res.send(isAll ? 'all' : 'few')
      })
    })
    for (const role of ['admin', 'other', 'admin', 'other', 'other']) {
      const headers = { cookie: 'view=all', 'x-role': role }
      expect([role, (await server.get('/', { headers })).text]).toEqual([role, role === 'admin' ? 'all' : 'few'])
    }
  })

  test('cookies as a parser leaves them are nothing that was left in front', async () => {
    const { cache } = caching()
    const server = await served((app) => {
      app.use(cookieParser('secret'))
      app.get(
        '/',
        cache({ ttl: '1m', cookies: { vary: ['view'] }, unkeyed: ['req.secret'] }) as RequestHandler,
        (_req, res) => void res.send('all'),
      )
    })
    const signed = 's:me.tcOyNsbHhLM1jlc5XDCDFmUpf6xpQHXw4LoMZ4TVZ8w'
    const cookie = `view=all; view=few; quoted="a b"; escaped=%C3%A4; broken=%; json=j:{"a":1}; signed=${signed}; forged=s:me.x`
    for (let i = 0; i < 2; i++) expect((await server.get('/', { headers: { cookie } })).header('vary')).toBe('cookie')
  })

  test('a CDN is told to keep nothing that was asked for by another target than the handler is given', async () => {
    const { cache } = caching({ cdn: 'fastly' })
    const server = await served((app) => {
      app.use((req, _res, next) => {
        if (req.url === '/me') req.url = `/users/${req.get('x-user')}`
        next()
      })
      app.get('/users/:id', cache({ ttl: '1m' }) as RequestHandler, (req, res) => void res.send(req.params['id']))
    })
    for (const path of ['/me', '/me', '/users/ann', '/users/ann']) {
      const { text, header } = await server.get(path, { headers: { 'x-user': 'ann' } })
      expect([text, header('cdn-cache-control')]).toEqual(['ann', path === '/me' ? undefined : 'max-age=60'])
    }
  })

  test('what is private by something in front stays so beside what is stored', async () => {
    const { cache } = caching()
    const server = await served((app) => {
      app.use((req, res, next) => {
        if (req.headers['x-user'] !== undefined) res.setHeader('Cache-Control', 'private, no-store')
        next()
      })
      app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send('page'))
    })
    await server.get('/')
    const alices = await server.get('/', { headers: { 'x-user': 'alice' } })
    expect(alices.lines('cache-control')).toEqual(['private, no-store'])
    expect(alices.header('cache-status')).toContain('hit')
    expect((await server.get('/')).lines('cache-control')).toEqual(['no-cache'])
  })

  test('parsed bodies, ids of requests, loggers and what Express makes keep nothing from being stored', async () => {
    const { cache } = caching()
    let runs = 0
    const server = await served((app) => {
      app.use(express.json(), express.urlencoded({ extended: true }), cookieParser(), helmet())
      app.use((req, _res, next) => {
        Object.assign(req, { id: ++runs, log: { info() {} }, startTime: 1 })
        if (runs % 2 === 0) req.on('close', () => {})
        next()
      })
      app.get('/:id', cache({ ttl: '1m' }), (req, res) => {
        ;(loose(req)['log'] as { info(text: string): void }).info(`request ${String(loose(req)['id'])}`)
        const { query, params, path, body } = req
        res.json({ query, params, path, body: body as unknown, run: loose(req)['id'] })
      })
    })
    const first = await server.get('/a?b=c')
    expect(first.header('cache-status')).toMatch(/;stored/)
    expect((await server.get('/a?b=c')).text).toBe(first.text)
  })

  test('`upgrade` that something in front has set for some clients is theirs', async () => {
    const { cache } = caching()
    const app = express()
    app.use((req, _res, next) => {
      // later: in the turn of the request Node itself goes by it
      setImmediate(() => {
        loose(req)['upgrade'] = req.get('x-who') === 'alice'
        next()
      })
    })
    app.get('/', cache({ ttl: '1m' }), (req, res) => void res.send(String(loose(req)['upgrade'])))
    const server = await serve(app)
    const ask = async (who: string) => (await server.get('/', { headers: { 'x-who': who } })).text
    expect([await ask('alice'), await ask('bob'), await ask('bob'), await ask('alice')]).toEqual([
      'true',
      'false',
      'false',
      'true',
    ])
  })

  test('who something in front calls the client is the client, also when the connection has ended', async () => {
    const { cache } = caching()
    const told = new EventEmitter()
    const [begun, ended, seen] = [once(told, 'begun'), once(told, 'ended'), once(told, 'seen')]
    const server = await served((app) => {
      app.use((req, _res, next) => {
        req.socket.once('close', () => told.emit('ended'))
        loose(req)['client'] = { name: 'alice' }
        next()
      })
      app.get('/', cache({ ttl: '1m' }), async (req, res) => {
        told.emit('begun')
        await ended
        told.emit('seen', loose(req)['client'])
        res.end()
      })
    })
    const request = get(`${server.url}/`).on('error', () => {})
    await begun
    request.destroy()
    expect(await seen).toEqual([{ name: 'alice' }])
  })

  test('a property that a route declares is read in peace', async () => {
    const { cache } = caching()
    const server = await served((app) => {
      app.use((req, _res, next) => {
        loose(req)['tenant'] = req.get('x-tenant')
        next()
      })
      app.get('/', cache({ ttl: '1m', headers: ['x-tenant'], unkeyed: ['req.tenant'] }), (req, res) => {
        res.set('X-Run', String(Math.random())).send(`${String(loose(req)['tenant'])}`)
      })
    })
    const ask = async (tenant: string) => server.get('/', { headers: { 'x-tenant': tenant } })
    const first = await ask('acme')
    expect((await ask('globex')).text).toBe('globex')
    // who somebody is remains unstorable, whatever a route says about headers
    expect((await ask('acme')).text).toBe(first.text)
  })

  test('what a handler sets itself is its own', async () => {
    const { cache } = caching()
    const server = await served((app) => {
      app.get(
        '/',
        cache({ ttl: '1m' }),
        (req, res, next) => {
          Object.assign(req, { user: 'nobody', product: 'chair' })
          res.locals['product'] = 'chair'
          next()
        },
        (req, res) => void res.send(`${String(loose(req)['product'])} ${String(loose(req)['user'])}`),
      )
      app.use((req, res) => void res.send(String(loose(req)['product'])))
    })
    expect((await server.get('/')).text).toBe('chair nobody')
    expect((await server.get('/')).header('cache-status')).toMatch(/;hit/)
  })

  describe('cookies', () => {
    const SECRET = 'any'

    async function jars(cookies: 'ignore' | { vary: string[] }, headers: Headers, ttl: '1m' | 20 = '1m') {
      const { cache } = caching()
      const server = await served((app) => {
        app.use(cookieParser(SECRET))
        app.get('/sign', (_req, res) => void res.cookie('signed', 'yes', { signed: true }).end())
        app.get('/', cache({ ttl, staleWhileRevalidate: '1m', cookies }), (req, res) => {
          res.json([req.headers.cookie ?? null, req.cookies, req.signedCookies])
        })
        app.get('/after', (req, res) => void res.json([req.cookies]))
      })
      const signed = (await server.get('/sign')).header('set-cookie')!.split(';')[0]!
      const sent = { cookie: `${headers['cookie']}; ${signed}` }
      return { server, sent, got: JSON.parse((await server.get('/', { headers: sent })).text) as unknown[] }
    }

    test('that are ignored are not seen, in whatever form a parser has left them', async () => {
      const { got } = await jars('ignore', { cookie: 'sid=alice; lang=de' })
      expect(got).toEqual([null, {}, {}])
    })

    test('that are part of the key are the only ones that are seen', async () => {
      const { got } = await jars({ vary: ['lang'] }, { cookie: 'sid=alice; lang=de' })
      expect(got).toEqual(['lang=de', { lang: 'de' }, {}])
      const { got: signed } = await jars({ vary: ['signed'] }, { cookie: 'sid=alice; lang=de' })
      expect(signed.slice(1)).toEqual([{}, { signed: 'yes' }])
    })

    test('that are part of the key and were put there in front are those of one client', async () => {
      const { cache } = caching()
      const server = await served((app) => {
        app.use(cookieParser(), (req, _res, next) => {
          loose(req.cookies as object)['lang'] = req.get('x-lang')
          next()
        })
        app.get('/', cache({ ttl: '1m', cookies: { vary: ['lang'] } }), (req, res) => {
          res.send(`in ${String((req.cookies as Loose)['lang'])}`)
        })
      })
      for (const lang of ['de', 'en']) {
        expect((await server.get('/', { headers: { cookie: 'sid=1', 'x-lang': lang } })).text).toBe(`in ${lang}`)
      }
    })

    test.each<[string, (pairs: readonly (readonly [string, string])[]) => unknown, (cookies: never) => unknown]>([
      ['of a class', (pairs) => new Parsed(pairs), (cookies: Parsed) => cookies.get('user')],
      ['in a map', (pairs) => new Map(pairs), (cookies: Map<string, string>) => cookies.get('user')],
      ['in a list', (pairs) => pairs, (cookies: string[][]) => cookies.find(([name]) => name === 'user')?.[1]],
      ['as a text', (pairs) => pairs.join(';'), (cookies: string) => /user,(\w+)/.exec(cookies)?.[1]],
      ['as a function', (pairs) => () => pairs[0]?.[1], (cookies: () => string) => cookies()],
    ])(
      'that a parser has left %s are shown as they are, and of one client unless they are declared',
      async (_in, leave, read) => {
        const { cache } = caching()
        const server = await served((app) => {
          app.use((req, _res, next) => {
            const pairs = (req.headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string])
            if (req.headers.cookie !== undefined) Object.assign(req, { cookies: leave(pairs) })
            next()
          })
          const hello: RequestHandler = (req, res) =>
            void res.send(`hello ${req.cookies === undefined ? 'nobody' : String(read(req.cookies as never))}`)
          app.get('/ignored', cache({ ttl: '1m', cookies: 'ignore' }) as RequestHandler, hello)
          app.get('/selected', cache({ ttl: '1m', cookies: { vary: ['lang'] } }) as RequestHandler, hello)
          const declared = { cookies: { vary: ['user'] }, unkeyed: ['req.cookies'] }
          app.get('/declared', cache({ ttl: '1m', ...declared }) as RequestHandler, hello)
        })
        for (const path of ['/ignored', '/selected', '/declared']) {
          for (const user of ['alice', 'bob', 'alice', undefined, 'bob']) {
            const headers: Headers = user === undefined ? {} : { cookie: `user=${user}; lang=de` }
            const { text, status } = await server.get(path, { headers })
            expect([path, status, text]).toEqual([path, 200, `hello ${user ?? 'nobody'}`])
          }
          const { header } = await server.get(path, { headers: { cookie: 'user=alice; lang=de' } })
          expect([path, header('cache-status')?.startsWith('shelflife;hit')]).toEqual([path, path === '/declared'])
        }
      },
    )

    const parsed = ({ headers: { cookie = '' } }: Request) =>
      Object.fromEntries(
        cookie.split('; ').flatMap((pair) => (pair === '' ? [] : [pair.split('=')])) as [string, string][],
      )

    test.each<[string, (app: Express) => void]>([
      ['an object without a prototype', (app) => app.use(cookieParser())],
      ['an object', (app) => app.use((req, _res, next) => next(void (req.cookies = parsed(req))))],
      [
        'null',
        (app) => app.use((req, _res, next) => next(void (req.cookies = req.headers.cookie ? parsed(req) : null))),
      ],
      [
        'undefined',
        (app) => app.use((req, _res, next) => next(void (req.cookies = req.headers.cookie && parsed(req)))),
      ],
      [
        'nothing',
        (app) => app.use((req, _res, next) => next(void (req.headers.cookie && (req.cookies = parsed(req))))),
      ],
      [
        'a getter that remembers',
        (app) => {
          const known = new WeakMap<Request, unknown>()
          const get = function (this: Request): unknown {
            if (!known.has(this)) known.set(this, parsed(this))
            return known.get(this)
          }
          Object.defineProperty(app.request, 'cookies', { get, configurable: true })
        },
      ],
    ])('that are looked for and not there count like their header, where a parser leaves %s', async (_what, parse) => {
      const { cache } = caching()
      const server = await served((app) => {
        parse(app)
        app.get('/', cache({ ttl: '1m', unkeyed: ['req.secret'] }) as RequestHandler, (req, res) => {
          const { name = 'guest' } = Object(req.cookies) as Loose
          res.set('Cache-Control', 's-maxage=60').send(`hello ${String(name)}`)
        })
      })
      for (const name of ['guest', 'alice', 'guest', 'bob']) {
        const headers: Headers = name === 'guest' ? {} : { cookie: `name=${name}` }
        const { text, header } = await server.get('/', { headers })
        expect([text, header('vary')?.toLowerCase()]).toEqual([`hello ${name}`, 'cookie'])
      }
      expect((await server.get('/')).header('cache-status')).toMatch(/;hit/)
    })

    test('that are part of the key are seen by a refresh as well, and no others', async () => {
      const { server, sent, got } = await jars({ vary: ['lang'] }, { cookie: 'sid=alice; lang=de' }, 20)
      await soon(40)
      const stale = await server.get('/', { headers: sent })
      expect(stale.header('cache-status')).toContain('stale')
      await vi.waitFor(async () => {
        const fresh = await server.get('/', { headers: sent })
        expect(JSON.parse(fresh.text)).toEqual(got)
      })
    })
  })

  test('a session is of one client although cookies are ignored', async () => {
    const { cache } = caching()
    const server = await served((app) => {
      app.use(cookieParser(), expressSession({ secret: 'any', resave: false, saveUninitialized: false }))
      app.get('/login/:user', (req, res) => {
        ;(loose(req)['session'] as Loose)['user'] = req.params['user']
        res.end()
      })
      app.get('/', cache({ ttl: '1m', cookies: 'ignore' }), (req, res) => {
        res.json({ hello: (loose(req)['session'] as Loose)['user'] })
      })
    })
    for (const user of ['alice', 'bob', 'alice']) {
      const cookie = (await server.get(`/login/${user}`)).header('set-cookie')!.split(';')[0]!
      expect((await server.get('/', { headers: { cookie } })).text).toBe(`{"hello":"${user}"}`)
    }
  })

  describe('a target that something in front has rewritten', () => {
    const rewriting = (req: Request, _res: Response, next: () => void): void => {
      req.url = `/${req.acceptsLanguages(['en', 'de']) || 'en'}${req.url}`
      next()
    }

    test('is part of the key, where it is mounted as well', async () => {
      const { cache } = caching()
      let runs = 0
      const server = await served((app) => {
        const inner = express.Router()
        inner.use(rewriting)
        inner.get('/:language/page', cache({ ttl: '1m' }), (req, res) => {
          runs++
          res.send(String(req.params['language']))
        })
        app.use('/under', inner)
      })
      for (const language of ['de', 'en', 'de', 'en']) {
        expect((await server.get('/under/page', { headers: { 'accept-language': language } })).text).toBe(language)
      }
      expect(runs).toBe(2)
    })

    test('is not refreshed as another one', async () => {
      const { cache } = caching()
      let runs = 0
      const server = await served((app) => {
        app.use(rewriting)
        app.get('/:language/page', cache({ ttl: 20, staleWhileRevalidate: '1m' }), (req, res) => {
          runs++
          res.send(String(req.params['language']))
        })
      })
      const ask = async () => (await server.get('/page', { headers: { 'accept-language': 'de' } })).text
      expect(await ask()).toBe('de')
      await soon(40)
      for (let i = 0; i < 10; i++) {
        expect(await ask()).toBe('de')
        await soon(5)
      }
      expect(runs).toBeGreaterThan(1)
    })

    test('is none where Express mounts', async () => {
      const { cache, shop } = caching()
      let runs = 0
      const server = await served((app) => {
        app.use('/shop', cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
        app.put('/shop', (_req, res) => void res.end())
      })
      for (const path of ['/shop', '/shop?a=b', '/shop/', '/shop/c']) {
        expect((await server.get(path)).text).toBe((await server.get(path)).text)
      }
      expect(runs).toBe(4)
      expect(shop).toBeDefined()
    })
  })
})
