import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { CanActivate, INestApplication, NestInterceptor } from '@nestjs/common'
import { Controller, Get, Header, Req, Res, StreamableFile, UseGuards, UseInterceptors } from '@nestjs/common'
import cookieParser from 'cookie-parser'
import session from 'express-session'
import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { map } from 'rxjs'
import { describe, expect, test } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

interface Request {
  readonly session: { token?: string; save?: unknown }
  readonly headers: Readonly<Record<string, string | undefined>>
  cookies: Readonly<Record<string, string | undefined>>
}

const secret = 'a secret of at least 32 characters, for tests'

const fastifyOf = (app: INestApplication): FastifyInstance => app.getHttpAdapter().getInstance() as FastifyInstance

/** What most applications use. */
const SESSIONS = {
  Express: (app: INestApplication) => void app.use(session({ secret, resave: false, saveUninitialized: false })),
  async Fastify(app: INestApplication) {
    await fastifyOf(app).register(fastifyCookie)
    await fastifyOf(app).register(fastifySession, { secret, saveUninitialized: false, cookie: { secure: false } })
  },
}

const COOKIES = {
  Express: (app: INestApplication) => void app.use(cookieParser()),
  async Fastify(app: INestApplication) {
    await fastifyOf(app).register(fastifyCookie)
  },
}

const cookieOf = (headers: Headers): string => headers.getSetCookie()[0]?.split(';')[0] ?? ''

describe.each(PLATFORMS)('on $name', ({ adapter, name }) => {
  test('with sessions, what does not read them is stored', async () => {
    @Controller()
    class Shared {
      @Get('shared')
      @CacheResponse({ ttl: '1m' })
      shared() {
        return 'for all'
      }
      @Get('file')
      @CacheResponse({ ttl: '1m' })
      file() {
        async function* parts() {
          yield Buffer.from('a file ')
          // the head goes out meanwhile, and sessions are looked at for that
          await sleep(20)
          yield Buffer.from('for all')
        }
        return new StreamableFile(Readable.from(parts()))
      }
    }
    const { get } = await start(adapter, moduleOf([Shared]), { configure: SESSIONS[name] })
    for (const path of ['/shared', '/file']) {
      const { text } = await get(path)
      await expect.poll(async () => (await get(path)).cache).toBe('hit')
      expect((await get(path)).text).toBe(text)
    }
  })

  test('the session of a first visit stays with that visitor', async () => {
    @Controller()
    class Login {
      @Get('login')
      @CacheResponse({ ttl: '1m', cookies: 'ignore' })
      login(@Req() request: Request) {
        request.session.token ??= randomUUID()
        return request.session.token
      }
      @Get('streamed')
      @CacheResponse({ ttl: '1m', cookies: 'ignore' })
      streamed(@Req() request: Request) {
        async function* parts() {
          yield Buffer.from('token: ')
          await Promise.resolve()
          yield Buffer.from((request.session.token ??= randomUUID()))
        }
        return new StreamableFile(Readable.from(parts()))
      }
    }
    const { get } = await start(adapter, moduleOf([Login]), { configure: SESSIONS[name] })
    for (const path of ['/login', '/streamed']) {
      const [first, second] = [await get(path), await get(path)]
      expect(second.text, path).not.toBe(first.text)
      expect(second.cache, path).not.toBe('hit')
    }
    const first = await get('/login')
    const cookie = cookieOf(first.headers)
    expect(cookie).not.toBe('')
    // a session is read in spite of the cookies that the handler does not see, and so nothing is stored
    expect((await get('/login', { headers: { cookie } })).text).toBe(first.text)
    expect((await get('/login')).text).not.toBe(first.text)
  })

  test('cookies that are ignored are not there, in whatever form', async () => {
    @Controller()
    class Greets {
      @Get('ignored')
      @CacheResponse({ ttl: '1m', cookies: 'ignore' })
      ignored(@Req() request: Request) {
        return `${request.cookies['who'] ?? 'nobody'}`
      }
      @Get('lang')
      @CacheResponse({ ttl: '1m', cookies: { vary: ['lang'] } })
      lang(@Req() request: Request) {
        return `${request.cookies['who'] ?? 'nobody'} ${request.cookies['lang'] ?? 'none'}`
      }
      @Get('undeclared')
      @CacheResponse({ ttl: '1m' })
      undeclared(@Req() request: Request) {
        return `${request.cookies['who'] ?? 'nobody'}`
      }
    }
    const { get } = await start(adapter, moduleOf([Greets]), { configure: COOKIES[name] })
    const as = (who: string, path: string, lang = 'de') =>
      get(path, { headers: { cookie: `who=${who}; lang=${lang}` } })
    expect((await as('alice', '/ignored')).text).toBe('nobody')
    expect(await as('bob', '/ignored')).toMatchObject({ text: 'nobody', cache: 'hit' })
    expect((await as('alice', '/lang')).text).toBe('nobody de')
    expect(await as('bob', '/lang')).toMatchObject({ text: 'nobody de', cache: 'hit' })
    expect((await as('bob', '/lang', 'en')).text).toBe('nobody en')
    expect((await get('/undeclared')).text).toBe('nobody')
    for (const who of ['alice', 'bob', 'alice']) expect((await as(who, '/undeclared')).text).toBe(who)
    expect((await get('/undeclared')).text).toBe('nobody')
  })

  test.each<'ignore' | { vary: string[] }>(['ignore', { vary: ['lang'] }])(
    'cookies that a parser has left in a map are shown as they are, and of one client (%j)',
    async (cookies) => {
      const leave = (request: { headers: { cookie?: string }; cookies?: unknown }): void => {
        const pairs = (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string])
        request.cookies = new Map(pairs)
      }
      const whoOf = ({ cookies: all }: { readonly cookies: unknown }): string =>
        (all as Map<string, string>).get('who') ?? 'nobody'
      const guard: CanActivate = {
        canActivate(context) {
          leave(context.switchToHttp().getRequest())
          return true
        },
      }
      @Controller()
      class Mine {
        @Get('guard')
        @UseGuards(guard)
        @CacheResponse({ ttl: '1m', cookies })
        ofGuard(@Req() request: Request) {
          return whoOf(request)
        }
        @Get('middleware')
        @CacheResponse({ ttl: '1m', cookies })
        ofMiddleware(@Req() request: Request & { readonly raw?: Request }) {
          return whoOf(request.raw ?? request)
        }
      }
      const { get } = await start(adapter, moduleOf([Mine]), {
        configure: (app) =>
          void app.use((request: Request, _response: unknown, next: () => void) => {
            leave(request as never)
            next()
          }),
      })
      for (const path of ['/guard', '/middleware']) {
        for (const who of ['alice', 'bob', 'alice']) {
          const { text, cache } = await get(path, { headers: { cookie: `who=${who}; lang=de` } })
          expect([path, text, cache === 'hit']).toEqual([path, who, false])
        }
      }
    },
  )

  test('cookies that a parser of a middleware has left on the request of Node are of one client', async () => {
    @Controller()
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m', cookies: 'ignore' })
      mine(@Req() request: Request & { readonly raw?: Request }) {
        return `hello ${(request.raw ?? request).cookies['who'] ?? 'nobody'}`
      }
    }
    const { get } = await start(adapter, moduleOf([Mine]), { configure: (app) => void app.use(cookieParser()) })
    for (const who of ['alice', 'bob', 'alice']) {
      const { text } = await get('/mine', { headers: { cookie: `who=${who}` } })
      expect(text).toBeOneOf(['hello nobody', `hello ${who}`])
    }
  })

  /** What leaves the cookies of a request, and where; the jar of a guest is empty in each way. */
  const JARS: Readonly<Record<string, (app: INestApplication) => void | Promise<void>>> = {
    'of a plugin': COOKIES[name],
    'of a middleware': (app) => void app.use(cookieParser()),
    ...Object.fromEntries(
      [{}, null, undefined].map((empty) => [
        `of a middleware that leaves ${JSON.stringify(empty)}`,
        (app: INestApplication) =>
          void app.use((request: Request, _response: unknown, next: () => void) => {
            const { cookie } = request.headers
            request.cookies = (cookie === undefined ? empty : { name: cookie.slice(5) }) as never
            next()
          }),
      ]),
    ),
    'of a middleware that leaves nothing': (app) =>
      void app.use((request: Request, _response: unknown, next: () => void) => {
        const { cookie } = request.headers
        if (cookie !== undefined) request.cookies = { name: cookie.slice(5) }
        next()
      }),
  }

  test.each(Object.entries(JARS))(
    'a cookie that is looked for and not there counts like its header: %s',
    async (_jar, configure) => {
      @Controller()
      class Greets {
        @Get('me')
        @Header('Cache-Control', 's-maxage=60')
        @CacheResponse({ ttl: '1m', unkeyed: ['req.secret', 'req.raw.secret'] })
        me(@Req() request: Request & { readonly raw?: Request }) {
          return `hello ${request.cookies?.['name'] ?? request.raw?.cookies?.['name'] ?? 'guest'}`
        }
      }
      const { get } = await start(adapter, moduleOf([Greets]), { configure })
      for (const who of ['guest', 'alice', 'guest', 'bob']) {
        const { text, headers } = await get('/me', who === 'guest' ? {} : { headers: { cookie: `name=${who}` } })
        expect([text, headers.get('vary')]).toEqual([`hello ${who}`, 'cookie'])
      }
      expect((await get('/me')).cache).toBe('hit')
    },
  )

  test('a token that something in front puts among the cookies makes an answer of one', async () => {
    const puts: CanActivate = {
      canActivate(context) {
        const request = context.switchToHttp().getRequest<Request>()
        const token = request.headers['x-token']
        if (token !== undefined) request.cookies = { ...request.cookies, token }
        return true
      },
    }
    @Controller()
    @UseGuards(puts)
    class Greets {
      @Get('me')
      @CacheResponse({ ttl: '1m' })
      me(@Req() request: Request) {
        return `for ${request.cookies['token'] ?? 'nobody'}`
      }
      @Get('vary')
      @CacheResponse({ ttl: '1m', cookies: { vary: ['token'] } })
      vary(@Req() request: Request) {
        return `for ${request.cookies['token'] ?? 'nobody'}`
      }
    }
    const { get } = await start(adapter, moduleOf([Greets]), { configure: COOKIES[name] })
    for (const path of ['/me', '/vary']) {
      expect((await get(path)).text).toBe('for nobody')
      for (const token of ['alice', 'bob']) {
        for (const more of [{}, { cookie: 'lang=de' }]) {
          expect((await get(path, { headers: { 'x-token': token, ...more } })).text).toBe(`for ${token}`)
        }
      }
      expect((await get(path)).text).toBe('for nobody')
    }
  })

  test('cookies that a route ignores count where an interceptor outside has read them', async () => {
    const greets: NestInterceptor = {
      intercept(context, next) {
        const { who } = context.switchToHttp().getRequest<Request>().cookies
        return next.handle().pipe(map((value: unknown) => (value === undefined ? value : who)))
      },
    }
    @Controller()
    @UseInterceptors(greets)
    class Greets {
      @Get('greets')
      @CacheResponse({ ttl: '1m', cookies: 'ignore' })
      greet() {
        return 'anybody'
      }
    }
    const { get } = await start(adapter, moduleOf([Greets]), { configure: COOKIES[name] })
    for (const who of ['alice', 'bob', 'alice']) {
      expect((await get('/greets', { headers: { cookie: `who=${who}` } })).text).toBe(who)
    }
  })

  test('what is added to the head at the last moment counts, whoever was to get it', async () => {
    const added: Readonly<Record<string, OutgoingHttpHeaders>> = {
      '/private': { 'Cache-Control': 'private, no-store' },
      '/cookie': { 'Set-Cookie': `id=${randomUUID()}` },
      '/harmless': { 'X-Late': 'yes' },
    }
    @Controller()
    @CacheResponse({ ttl: '1m' })
    class Plain {
      @Get(['private', 'cookie', 'harmless'])
      plain() {
        return 'plain'
      }
    }
    const { get } = await start(adapter, moduleOf([Plain]), {
      configure(app) {
        // as `on-headers` does it
        app.use((req: { readonly url: string }, res: ServerResponse, next: () => void) => {
          const { writeHead } = res
          res.writeHead = (...args: unknown[]) => {
            for (const [field, value] of Object.entries(added[req.url] ?? {})) res.setHeader(field, value as string)
            return Reflect.apply(writeHead, res, args) as ServerResponse
          }
          next()
        })
      },
    })
    for (const path of ['/private', '/cookie']) {
      for (const _ of [1, 2]) expect((await get(path)).cache, path).not.toBe('hit')
    }
    await get('/harmless')
    expect((await get('/harmless')).cache).toBe('hit')
  })

  test('a cookie that a middleware sets on every answer is that of each answer', async () => {
    let visits = 0
    @Controller()
    class Plain {
      @Get('plain')
      @CacheResponse({ ttl: '1m' })
      plain(@Res({ passthrough: true }) _response: unknown) {
        return 'plain'
      }
    }
    const { get } = await start(adapter, moduleOf([Plain]), {
      configure(app) {
        app.use((_req: unknown, res: ServerResponse, next: () => void) => {
          res.setHeader('Set-Cookie', `visit=${++visits}`)
          next()
        })
      },
    })
    expect(cookieOf((await get('/plain')).headers)).toBe('visit=1')
    const hit = await get('/plain')
    expect([hit.cache, cookieOf(hit.headers)]).toEqual(['hit', 'visit=2'])
  })

  test('with CORS, what is the same for every origin is for caches behind as well', async () => {
    @Controller()
    class Shared {
      @Get('shared')
      @CacheResponse({ ttl: '1m' })
      shared() {
        return 'for all'
      }
    }
    const { get } = await start(adapter, moduleOf([Shared]), { configure: (app) => app.enableCors() })
    for (const headers of [{}, { origin: 'https://shop.example' }]) {
      expect((await get('/shared', { headers })).headers.get('vary') ?? '').not.toContain('*')
    }
    expect((await get('/shared')).cache).toBe('hit')
  })
})
