import type { RequestHandler } from 'express'
import compression from 'compression'
import type { Response } from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { gunzipSync } from 'node:zlib'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { cors, expressSession, helmet, i18next, i18nextMiddleware } from './libraries.ts'
import { loose } from './personal-applications.ts'
import { serve } from './serve.ts'

const long = 'compressible '.repeat(1000)
const gzip = { headers: { 'accept-encoding': 'gzip' } }

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test.each(['in front of', 'behind'])(
    'compression %s the cache gives each client what it asked for',
    async (where) => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      const chain = where === 'behind' ? [cache({ ttl: '1m' }), compression()] : [compression(), cache({ ttl: '1m' })]
      app.get('/:way', ...chain, (req, res) => {
        runs++
        if (req.params['way'] === 'send') return void res.type('text').send(long)
        res.type('text').write(long.slice(0, 5000))
        res.end(long.slice(5000))
      })
      const server = await serve(app)
      for (const path of ['/send', '/write']) {
        for (const _ of ['miss', 'hit']) {
          const packed = await server.get(path, gzip)
          expect(packed.header('content-encoding')).toBe('gzip')
          expect(gunzipSync(packed.body).toString()).toBe(long)
          expect(packed.header('vary')).toBe('Accept-Encoding')
          const plain = await server.get(path)
          expect([plain.header('content-encoding'), plain.text]).toEqual([undefined, long])
        }
      }
      expect(runs).toBe(where === 'behind' ? 4 : 2)
    },
  )

  test('headers set in front of the cache are those of each request, on misses and on hits', async () => {
    const { cache } = caching()
    const app = express()
    let requests = 0
    app.use((_req, res, next) => {
      res.set('X-Request', String(++requests)).append('Set-Cookie', `before=${requests}`).set('X-Both', 'before')
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.set('X-Both', 'handler').send('x'))
    const server = await serve(app)
    for (const number of ['1', '2']) {
      const got = await server.get('/')
      expect(got.lines('x-request')).toEqual([number])
      expect(got.lines('set-cookie')).toEqual([`before=${number}`])
      expect(got.lines('x-both')).toEqual(['handler'])
    }
  })

  test('a cookie set in front of the cache is not stored with one of the handler', async () => {
    const { cache } = caching()
    const app = express()
    let requests = 0
    app.use((_req, res, next) => {
      res.cookie('before', ++requests)
      next()
    })
    app.get('/', cache({ ttl: '1m', setCookie: 'store' }), (_req, res) => void res.cookie('handler', 'same').send('x'))
    const server = await serve(app)
    for (const number of [1, 2]) {
      expect((await server.get('/')).lines('set-cookie')).toEqual([`before=${number}; Path=/`, 'handler=same; Path=/'])
    }
  })

  test.each<[string, (res: Response) => unknown]>([
    ['append', (res) => res.append('Link', '</next>; rel="next"')],
    ['appendHeader', (res) => res.appendHeader('Link', '</next>; rel="next"')],
    ['links', (res) => res.links({ next: '/next' })],
  ])('a header set in front of the cache is of one client also where the handler adds to it: %s', async (_way, add) => {
    const { cache } = caching()
    const app = express()
    app.use((req, res, next) => {
      res.links({ author: `/users/${req.get('x-who')}` })
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      add(res)
      res.send('x')
    })
    const server = await serve(app)
    for (const who of ['alice', 'bob']) {
      const links = (await server.get('/', { headers: { 'x-who': who } })).lines('link').join(', ')
      expect(links).toBe(`</users/${who}>; rel="author", </next>; rel="next"`)
    }
  })

  test.each(['sent at once', 'sent in parts'])(
    'what libraries in front set, and a handler does not ask for, keeps nothing from being stored: %s',
    async (way) => {
      const told: unknown[] = []
      const { cache } = caching({ onUnkeyedInput: (input) => void told.push(input) })
      const app = express()
      let runs = 0
      app.use(helmet(), cors({ origin: true, credentials: true }), compression(), (_req, res, next) => {
        res.cookie('csrf', '1').links({ author: '/about' })
        next()
      })
      app.get('/', cache({ ttl: '1m' }), (_req, res) => {
        const unset = [res.get('Content-Language'), res.get('Warning')].join()
        runs++
        res.type('text').vary('Accept')
        if (way === 'sent at once') return void res.send(`${unset}x`)
        res.write(unset)
        setImmediate(() => res.end('x'))
      })
      const server = await serve(app)
      for (let i = 0; i < 2; i++) await server.get('/')
      expect([runs, told]).toEqual([1, []])
    },
  )

  test.each([
    ['behind the cache', {}],
    ['in front of it', { headers: ['accept-language'], unkeyed: ['req.t', 'req.language', 'req.i18nextLookupName'] }],
  ])(
    'a page behind sessions, in a language that is found out %s, is one for each language',
    async (where, declared) => {
      const { cache } = caching()
      const app = express()
      await i18next.use(i18nextMiddleware.LanguageDetector).init({
        preload: ['en', 'de'],
        fallbackLng: 'en',
        resources: { en: { translation: { welcome: 'hello' } }, de: { translation: { welcome: 'hallo' } } },
      })
      app.use(expressSession({ secret: 'secret', resave: false, saveUninitialized: false }))
      app.get('/login', (req, res) => {
        Object.assign(loose(req)['session'] as object, { name: 'alice' })
        res.send('in')
      })
      const chain = [cache({ cookies: { vary: ['i18next'] }, ...declared }), i18nextMiddleware.handle(i18next)] as const
      const [first, second] = where === 'behind the cache' ? chain : chain.toReversed()
      let runs = 0
      app.get('/', first as RequestHandler, second as RequestHandler, (req, res) => {
        const { t, language } = loose(req)
        res.send([(t as (key: string) => string)('welcome'), language, ++runs].join(' '))
      })
      const server = await serve(app)
      const [session = ''] = (await server.get('/login')).lines('set-cookie')[0]?.split(';') ?? []
      const ask = async (language: string, ...cookies: readonly string[]): Promise<string> => {
        const cookie = cookies.join('; ')
        return (await server.get('/', { headers: { 'accept-language': language, ...(cookie && { cookie }) } })).text
      }
      expect([
        await ask('de'),
        await ask('de', session),
        await ask('en'),
        await ask('en', session),
        await ask('en', session, 'i18next=de'),
        await ask('en', 'i18next=de'),
      ]).toEqual(['hallo de 1', 'hallo de 1', 'hello en 2', 'hello en 2', 'hallo de 3', 'hallo de 3'])
    },
  )

  test('Vary set in front of the cache selects the variant', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.use((req, res, next) => {
      res.vary('Origin').set('Access-Control-Allow-Origin', req.get('origin') ?? '*')
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.vary('Accept').send(`run ${++runs}`))
    const server = await serve(app)
    for (const [origin, run] of [
      ['http://a', 'run 1'],
      ['http://b', 'run 2'],
      ['http://a', 'run 1'],
    ] as const) {
      const got = await server.get('/', { headers: { origin } })
      expect([got.text, got.header('access-control-allow-origin')]).toEqual([run, origin])
      expect(got.lines('vary')).toEqual(['Origin, Accept'])
    }
  })

  test('no-store set in front of the cache counts', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.use((_req, res, next) => {
      res.set('Cache-Control', 'no-store')
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
    const server = await serve(app)
    await server.get('/')
    expect((await server.get('/')).text).toBe('run 2')
  })

  test('a response whose handler takes away a header set in front of the cache is not stored', async () => {
    const { cache } = caching()
    const app = express()
    app.use((_req, res, next) => {
      res.set('X-Frame-Options', 'DENY')
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      res.removeHeader('X-Frame-Options')
      res.send('embed me')
    })
    const server = await serve(app)
    for (const _ of [1, 2]) {
      const got = await server.get('/')
      expect([got.text, got.header('x-frame-options')]).toEqual(['embed me', undefined])
      expect(got.header('cache-status')).not.toMatch(/;stored/)
    }
  })

  test('of two caches in a row the first counts, which is said once for each second one', async () => {
    const { cache } = caching()
    const app = express()
    const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    let runs = 0
    app.use(cache({ ttl: '1m' }))
    app.get('/:id', cache({ ttl: '1h', headers: ['x-tenant'] }), (_req, res) => void res.send(`run ${++runs}`))
    const server = await serve(app)
    expect((await server.get('/a')).text).toBe('run 1')
    const hit = await server.get('/a')
    expect(hit.text).toBe('run 1')
    expect(hit.lines('cache-status')).toHaveLength(1)
    await server.get('/b?c=d')
    expect(said.mock.calls).toEqual([[expect.stringContaining('the answer of /a passes two cache()')]])
  })

  test('a cache that a request passes twice is one', async () => {
    const { cache } = caching()
    const app = express()
    const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    const cached = cache({ ttl: '1m' })
    app.use(cached, cached)
    app.get('/', (_req, res) => void res.send('x'))
    const server = await serve(app)
    expect((await server.get('/')).text).toBe('x')
    expect(said).not.toHaveBeenCalled()
  })
})
