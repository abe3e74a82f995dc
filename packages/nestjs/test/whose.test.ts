import type { CallHandler, CanActivate, ExecutionContext, INestApplication, NestInterceptor } from '@nestjs/common'
import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Req,
  Res,
  Scope,
  SerializeOptions,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { APP_INTERCEPTOR, HttpAdapterHost, REQUEST, Reflector } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { UnkeyedInput } from '@shelflife/http'
import * as classTransformer from 'class-transformer'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { map, tap } from 'rxjs'
import { describe, expect, test } from 'vitest'

import { CACHE_MANAGER, CacheInterceptor, CacheResponse } from '../src/index.ts'
import { CACHING, ROOT } from '../src/tokens.ts'
import type { Adapter } from './platforms.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

type AnyRequest = Record<string, unknown> & { readonly headers: Record<string, string>; readonly raw?: AnyRequest }
type Next = () => void

interface AnyReply {
  header(name: string, value: string): unknown
}

const requestOf = (context: ExecutionContext): AnyRequest => context.switchToHttp().getRequest<AnyRequest>()
const replyOf = (context: ExecutionContext): AnyReply => context.switchToHttp().getResponse<AnyReply>()

/** A guard that leaves whoever sent the key on the request. */
const leaves = (name: string): CanActivate => ({
  canActivate(context) {
    const request = requestOf(context)
    request[name] = { name: request.headers['x-key'] }
    return true
  },
})

interface Options {
  readonly configure?: (app: INestApplication) => void | Promise<void>
}

/** Two clients of one route; what nobody keyed is gathered. */
async function clients(adapter: Adapter, controller: Parameters<typeof moduleOf>[0][number], how: Options = {}) {
  const inputs: string[] = []
  const responses = { onUnkeyedInput: ({ name }: UnkeyedInput) => void inputs.push(name) }
  const { get } = await start(adapter, moduleOf([controller], { responses } as never), how)
  const as = (key: string, path = '/mine') => get(path, { headers: { 'x-key': key } })
  return { get, as, inputs }
}

/** Both see their own, time and again. */
async function expectApart(as: (key: string) => Promise<{ readonly text: string }>): Promise<void> {
  for (const key of ['alice', 'bob', 'alice', 'bob']) expect((await as(key)).text).toBe(key)
}

describe.each(PLATFORMS)('on $name', ({ adapter, name: platform }) => {
  const NAMES = ['user', 'account', 'tenant', 'principal', 'currentUser', 'jwtPayload', 'session', 'auth']
  // of the other platform, or of none
  const ANY = [...(platform === 'Express' ? ['raw', 'hosts'] : ['app', 'client', 'route']), 'whatever']

  test.each([...NAMES, ...ANY])('what a guard leaves in `%s` is not the answer to others', async (name) => {
    @Controller()
    class Mine {
      @Get('mine')
      @UseGuards(leaves(name))
      @CacheResponse({ ttl: '1m' })
      mine(@Req() request: AnyRequest) {
        return (request[name] as { readonly name: string }).name
      }
    }
    const { as, inputs } = await clients(adapter, Mine)
    await expectApart(as)
    expect(inputs).toEqual(ANY.includes(name) ? [`req.${name}`] : [])
  })

  test('that there is no user makes an answer too', async () => {
    @Injectable()
    class OptionalGuard implements CanActivate {
      canActivate(context: ExecutionContext) {
        const request = requestOf(context)
        if (request.headers['x-key'] !== undefined) request['user'] = request.headers['x-key']
        return true
      }
    }
    @Controller()
    class Mine {
      @Get('mine')
      @UseGuards(OptionalGuard)
      @CacheResponse({ ttl: '1m' })
      mine(@Req() request: AnyRequest) {
        return request['user'] ?? 'nobody'
      }
    }
    const { as, get } = await clients(adapter, Mine)
    expect((await get('/mine')).text).toBe('nobody')
    expect((await as('alice')).text).toBe('alice')
    expect((await get('/mine')).text).toBe('nobody')
  })

  test('what only guards read does not count', async () => {
    const reads: CanActivate = {
      canActivate: (context) => (requestOf(context)['user'] as { readonly name: string }).name !== 'mallory',
    }
    @Controller()
    class Shared {
      @Get('mine')
      @UseGuards(leaves('user'), reads)
      @CacheResponse({ ttl: '1m' })
      shared() {
        return 'for all'
      }
    }
    const { as, inputs } = await clients(adapter, Shared)
    expect((await as('alice')).text).toBe('for all')
    expect((await as('bob')).cache).toBe('hit')
    expect((await as('mallory')).status).toBe(403)
    expect(inputs).toEqual([])
  })

  test('what a middleware leaves is told once, and stored where the route says so', async () => {
    const read = (request: AnyRequest): unknown => (request.raw ?? request)['lang']
    const path = platform === 'Fastify' ? 'req.raw.lang' : 'req.lang'
    @Controller()
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m' })
      mine(@Req() request: AnyRequest) {
        return read(request)
      }
      @Get('declared')
      @CacheResponse({ ttl: '1m', headers: ['x-key'], unkeyed: [path] })
      declared(@Req() request: AnyRequest) {
        return read(request)
      }
    }
    const { as, inputs } = await clients(adapter, Mine, {
      configure(app) {
        app.use((req: IncomingMessage & { lang?: unknown }, _res: unknown, next: Next) => {
          req.lang = req.headers['x-key']
          next()
        })
      },
    })
    await expectApart(as)
    expect(inputs).toEqual([path])
    await expectApart((key) => as(key, '/declared'))
    expect((await as('alice', '/declared')).cache).toBe('hit')
    expect((await as('bob', '/declared')).headers.get('vary')).toContain('x-key')
  })

  test('what an interceptor outside takes before the handler counts, whatever it makes of it afterwards', async () => {
    const groups: NestInterceptor = {
      intercept(context, next) {
        const { name } = requestOf(context)['user'] as { readonly name: string }
        return next.handle().pipe(map((value: unknown) => (value === undefined ? value : name)))
      },
    }
    @Controller()
    class Mine {
      @Get('mine')
      @UseGuards(leaves('user'))
      @CacheResponse({ ttl: '1m' })
      mine() {
        return 'anybody'
      }
    }
    const { as } = await clients(adapter, Mine, { configure: (app) => void app.useGlobalInterceptors(groups) })
    await expectApart(as)
  })

  test('class-transformer groups by role keep what is for admins from users', async () => {
    class Product {
      @classTransformer.Expose() name = 'chair'
      @classTransformer.Expose({ groups: ['admin'] }) cost = 10
    }
    class ByRole extends ClassSerializerInterceptor {
      override async intercept(context: ExecutionContext, next: CallHandler) {
        const { role } = requestOf(context)['user'] as { readonly role: string }
        return next
          .handle()
          .pipe(map((value: object | undefined) => value && this.serialize(value, { groups: [role] })))
      }
    }
    const withRole: CanActivate = {
      canActivate(context) {
        const request = requestOf(context)
        request['user'] = { role: request.headers['x-key'] }
        return true
      },
    }
    @Controller()
    @UseInterceptors(new ByRole(new Reflector(), { transformerPackage: classTransformer as never }))
    class Products {
      @Get('mine')
      @UseGuards(withRole)
      @SerializeOptions({})
      @CacheResponse({ ttl: '1m' })
      find() {
        return new Product()
      }
    }
    const { as } = await clients(adapter, Products)
    for (const _ of [1, 2]) {
      expect((await as('admin')).text).toContain('cost')
      expect((await as('user')).text).not.toContain('cost')
    }
  })

  test('an interceptor outside that reads nothing of anybody takes nothing from the cache', async () => {
    const logs: NestInterceptor = {
      intercept(context, next) {
        const { method, url } = requestOf(context)
        return next.handle().pipe(tap(() => `${String(method)} ${String(url)}`))
      },
    }
    @Controller()
    class Shared {
      @Get('mine')
      @UseGuards(leaves('user'))
      @CacheResponse({ ttl: '1m' })
      shared() {
        return 'for all'
      }
    }
    const { as } = await clients(adapter, Shared, { configure: (app) => void app.useGlobalInterceptors(logs) })
    expect((await as('alice')).text).toBe('for all')
    expect((await as('bob')).cache).toBe('hit')
  })

  test('a header that an interceptor outside reads before the handler counts', async () => {
    const translates: NestInterceptor = {
      intercept(context, next) {
        const lang = requestOf(context).headers['x-key']
        return next.handle().pipe(map((value: unknown) => (value === undefined ? value : lang)))
      },
    }
    @Controller()
    @UseInterceptors(translates)
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m' })
      mine() {
        return 'anything'
      }
    }
    const { as } = await clients(adapter, Mine)
    await expectApart(as)
  })

  test('cookies that a route ignores are not ignored by an interceptor outside, so they count', async () => {
    const greets: NestInterceptor = {
      intercept(context, next) {
        const { cookie } = requestOf(context).headers
        return next.handle().pipe(map((value: unknown) => (value === undefined ? value : `${cookie}`)))
      },
    }
    @Controller()
    @UseInterceptors(greets)
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m', cookies: 'ignore' })
      mine() {
        return 'anything'
      }
    }
    const { get } = await clients(adapter, Mine)
    for (const cookie of ['who=alice', 'who=bob', 'who=alice']) {
      expect((await get('/mine', { headers: { cookie } })).text).toBe(cookie)
    }
  })

  test('headers of the request that an interceptor outside has changed are what the handler sees, and tell apart', async () => {
    const changes: NestInterceptor = {
      intercept(context, next) {
        const { headers } = requestOf(context)
        headers['x-plan'] ??= 'free'
        delete headers['x-gone']
        return next.handle()
      },
    }
    @Controller()
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m', headers: ['x-plan', 'x-gone'] })
      @UseInterceptors(changes)
      mine(@Req() { headers }: AnyRequest) {
        return `${headers['x-plan']} ${headers['x-gone'] ?? 'gone'}`
      }
    }
    const { get } = await clients(adapter, Mine)
    const ask = async (headers: Record<string, string>) => {
      const { text, cache } = await get('/mine', { headers })
      return [text, cache === 'hit']
    }
    expect(await ask({})).toEqual(['free gone', false])
    expect(await ask({ 'x-plan': 'paid', 'x-gone': 'a' })).toEqual(['paid gone', false])
    expect(await ask({ 'x-plan': 'free', 'x-gone': 'b' })).toEqual(['free gone', true])
    expect(await ask({ 'x-plan': 'paid' })).toEqual(['paid gone', true])
  })

  test('what an interceptor outside defines on the request is what the handler sees, and keeps it from being stored', async () => {
    const defines: NestInterceptor = {
      intercept(context, next) {
        const request = requestOf(context)
        const who = request.headers['x-who']
        Object.defineProperty(request, 'user', { get: () => ({ who }), configurable: true, enumerable: true })
        Object.defineProperty(request, 'ip', { value: who, configurable: true })
        return next.handle()
      },
    }
    @Controller()
    class Mine {
      @Get('user')
      @CacheResponse({ ttl: '1m' })
      @UseInterceptors(defines)
      user(@Req() { user }: AnyRequest) {
        return `for ${(user as { readonly who: string }).who}`
      }

      @Get('address')
      @CacheResponse({ ttl: '1m' })
      @UseInterceptors(defines)
      address(@Req() { ip }: AnyRequest) {
        return `for ${String(ip)}`
      }
    }
    const { get } = await clients(adapter, Mine)
    for (const path of ['/user', '/address']) {
      for (const who of ['alice', 'bob']) {
        expect((await get(path, { headers: { 'x-who': who } })).text).toBe(`for ${who}`)
      }
    }
  })

  test('what a guard calls `app` on the request is in nobody’s way', async () => {
    const calls: CanActivate = {
      canActivate(context) {
        const request = requestOf(context)
        request['app'] = { tenant: request.headers['x-who'] }
        return true
      },
    }
    @Controller()
    @UseGuards(calls)
    class Mine {
      @Get('app')
      @CacheResponse({ ttl: '1m' })
      app(@Req() { app }: AnyRequest) {
        return `for ${(app as { readonly tenant: string }).tenant}`
      }

      @Get('unread')
      @CacheResponse({ ttl: '1m' })
      unread() {
        return 'for all'
      }
    }
    const { get } = await clients(adapter, Mine)
    for (const who of ['alice', 'bob']) {
      const headers = { 'x-who': who }
      expect((await get('/app', { headers })).text).toBe(`for ${who}`)
      expect(await get('/unread', { headers })).toMatchObject({ status: 200, text: 'for all' })
    }
  })

  test('headers that an interceptor outside sets are those of one answer, whenever it sets them', async () => {
    const nameOf = (context: ExecutionContext) => (requestOf(context)['user'] as { readonly name: string }).name
    const before: NestInterceptor = {
      intercept(context, next) {
        replyOf(context).header('X-User', nameOf(context))
        return next.handle()
      },
    }
    const after: NestInterceptor = {
      intercept: (context, next) => next.handle().pipe(tap(() => replyOf(context).header('X-User', nameOf(context)))),
    }
    @Controller()
    class Mine {
      @Get('before')
      @UseGuards(leaves('user'))
      @CacheResponse({ ttl: '1m' })
      @UseInterceptors(before)
      before() {
        return 'x'
      }
      @Get('after')
      @UseGuards(leaves('user'))
      @CacheResponse({ ttl: '1m' })
      @UseInterceptors(after)
      after() {
        return 'x'
      }
    }
    const { as } = await clients(adapter, Mine)
    for (const path of ['/before', '/after']) {
      for (const key of ['alice', 'bob', 'alice']) expect((await as(key, path)).headers.get('x-user')).toBe(key)
    }
  })

  test('a constructor that reads the request keeps the route from being stored, and says so', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {
      readonly name: string
      constructor(@Inject(REQUEST) request: AnyRequest) {
        this.name = request.headers['x-key'] ?? ''
      }
    }
    @Controller()
    class Mine {
      constructor(@Inject(Tenant) readonly tenant: Tenant) {}
      @Get('mine')
      @CacheResponse({ ttl: '1m' })
      mine() {
        return this.tenant.name
      }
      @Get('declared')
      @CacheResponse({ ttl: '1m', headers: ['x-key'], unkeyed: ['REQUEST'] })
      declared() {
        return this.tenant.name
      }
    }
    const inputs: string[] = []
    const responses = { onUnkeyedInput: ({ name }: UnkeyedInput) => void inputs.push(name) }
    @Module({ imports: [moduleOf([], { responses } as never)], controllers: [Mine], providers: [Tenant] })
    class AppModule {}
    const { get } = await start(adapter, AppModule)
    const as = (key: string, path = '/mine') => get(path, { headers: { 'x-key': key } })
    await expectApart(as)
    expect(inputs).toEqual(['REQUEST'])
    await expectApart((key) => as(key, '/declared'))
    expect((await as('alice', '/declared')).cache).toBe('hit')
  })

  test('a guard that is made for each request takes nothing from the cache', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Guard implements CanActivate {
      constructor(@Inject(REQUEST) readonly request: AnyRequest) {}
      canActivate() {
        return this.request.headers['x-key'] !== 'mallory'
      }
    }
    @Controller()
    class Shared {
      @Get('mine')
      @UseGuards(Guard)
      @CacheResponse({ ttl: '1m' })
      shared() {
        return 'for all'
      }
    }
    const { as } = await clients(adapter, Shared)
    expect((await as('alice')).text).toBe('for all')
    expect((await as('bob')).cache).toBe('hit')
    expect((await as('mallory')).status).toBe(403)
  })

  test('what was put into the async context counts, and a refresh has none of it', async () => {
    const tenants = new AsyncLocalStorage<string>()
    @Controller()
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m' })
      mine() {
        return tenants.getStore() ?? 'nobody'
      }
      @Get('warned')
      @CacheResponse({ ttl: 30, staleWhileRevalidate: '1m', inputs: 'off' })
      warned() {
        return tenants.getStore() ?? 'nobody'
      }
    }
    const { as } = await clients(adapter, Mine, {
      configure(app) {
        app.use((req: IncomingMessage, _res: unknown, next: Next) => {
          const key = req.headers['x-key']
          if (key === undefined) next()
          else tenants.run(String(key), next)
        })
      },
    })
    await expectApart(as)
    expect((await as('alice', '/warned')).text).toBe('alice')
    await sleep(50)
    expect((await as('bob', '/warned')).text).toBe('alice')
    await expect.poll(async () => (await as('bob', '/warned')).text).toBe('nobody')
  })

  test('the interceptor of @nestjs/cache-manager holds what was read in front of it, too', async () => {
    const takes: NestInterceptor = {
      intercept(context, next) {
        const { name } = requestOf(context)['user'] as { readonly name: string }
        return next.handle().pipe(map((value: unknown) => (value === undefined ? value : name)))
      },
    }
    @Controller()
    @UseGuards(leaves('user'))
    class Mine {
      @Get('mine')
      mine() {
        return 'anything'
      }
    }
    @Module({
      imports: [moduleOf([Mine])],
      providers: [
        { provide: APP_INTERCEPTOR, useValue: takes },
        { provide: APP_INTERCEPTOR, useClass: CacheInterceptor },
      ],
    })
    class AppModule {}
    const { get } = await start(adapter, AppModule)
    await expectApart((key) => get('/mine', { headers: { 'x-key': key } }))
  })

  test('an interceptor of that kind that nobody could know of holds it, too', async () => {
    const takes: NestInterceptor = {
      intercept(context, next) {
        const { name } = requestOf(context)['user'] as { readonly name: string }
        return next.handle().pipe(map((value: unknown) => (value === undefined ? value : name)))
      },
    }
    @Controller()
    @UseGuards(leaves('user'))
    class Mine {
      @Get('mine')
      mine() {
        return 'anything'
      }
    }
    @Module({
      imports: [moduleOf([Mine])],
      providers: [
        {
          provide: 'caches',
          useFactory: (...all: ConstructorParameters<typeof CacheInterceptor>) => new CacheInterceptor(...all),
          inject: [CACHING, CACHE_MANAGER, ROOT, HttpAdapterHost],
        },
      ],
    })
    class AppModule {}
    const { get } = await start(adapter, AppModule, {
      configure: (app) => void app.useGlobalInterceptors(takes, app.get<NestInterceptor>('caches')),
    })
    await expectApart((key) => get('/mine', { headers: { 'x-key': key } }))
  })

  test('what is read of the connection counts', async () => {
    @Controller()
    class Mine {
      @Get('address')
      @CacheResponse({ ttl: '1m' })
      address(@Req() request: AnyRequest & { readonly socket: IncomingMessage['socket'] }) {
        return `${request.socket.remoteAddress}`
      }
      @Get('ip')
      @CacheResponse({ ttl: '1m' })
      ip(@Req() request: AnyRequest) {
        return request['ip']
      }
      @Get('uri')
      @CacheResponse({ ttl: '1m' })
      uri(@Req() request: AnyRequest) {
        return `${String(request['protocol'])}://${String(request['hostname'])}`
      }
    }
    const { get, inputs } = await clients(adapter, Mine)
    for (const path of ['/address', '/ip']) for (const _ of [1, 2]) expect((await get(path)).cache).not.toBe('hit')
    expect(inputs).toEqual(['req.socket.remoteAddress', 'req.ip'])
    await get('/uri')
    expect((await get('/uri')).cache).toBe('hit')
    expect(inputs).toHaveLength(2)
  })

  test.runIf(platform === 'Express')('what an application works out that a handler calls counts', async () => {
    const shop = new ExpressAdapter().getInstance<{
      set(name: string, value: unknown): void
      get(path: string, handler: (req: AnyRequest, res: { json(value: unknown): void }) => void): void
      (req: never, res: never): void
    }>()
    shop.set('trust proxy', true)
    shop.get('/shop', (req, res) => res.json(['protocol', 'hostname', 'secure'].map((name) => req[name])))
    @Controller()
    class Shop {
      @Get('shop')
      @CacheResponse({ ttl: '1m' })
      shop(@Req() request: never, @Res() response: never) {
        shop(request, response)
      }
    }
    const { get, inputs } = await clients(adapter, Shop)
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'b.test' }
    expect((await get('/shop')).text).toContain('["http",')
    expect((await get('/shop', { headers: forwarded })).text).toBe('["https","b.test",true]')
    expect(inputs).toContain('req.protocol')
  })

  test('credentials by whatever header make an answer of one', async () => {
    @Controller()
    class Mine {
      @Get('mine')
      @CacheResponse({ ttl: '1m', inputs: 'warn' })
      mine(@Req() request: AnyRequest) {
        return request.headers['x-api-key'] ?? request.headers['x-forwarded-user']
      }
    }
    const { get } = await clients(adapter, Mine)
    for (const name of ['x-api-key', 'x-forwarded-user']) {
      await expectApart((key) => get('/mine', { headers: { [name]: key } }))
    }
  })

  test('a refresh has no credentials of whoever caused it, and where a guard answers it nothing stays', async () => {
    let runs = 0
    const gold: CanActivate = {
      canActivate(context) {
        const request = requestOf(context)
        const key = request.headers['x-key']
        request['level'] = key === 'gold' ? 'gold' : 'plain'
        return key !== undefined
      },
    }
    @Controller()
    class Levels {
      @Get('mine')
      @UseGuards(gold)
      @CacheResponse({ ttl: 30, staleWhileRevalidate: '1m', staleIfError: '1m' })
      shared() {
        return `run ${++runs}`
      }
    }
    const { as } = await clients(adapter, Levels)
    expect((await as('plain')).text).toBe('run 1')
    await sleep(50)
    expect((await as('gold')).text).toBe('run 1')
    // the guard lets nobody in who has no key: what is stored cannot be confirmed
    await expect.poll(async () => (await as('plain')).text).toBe('run 2')
    expect(runs).toBe(2)
  })

  test('a refresh that finds something else left than its client had is not stored in that place', async () => {
    let runs = 0
    const beta: CanActivate = {
      canActivate(context) {
        const request = requestOf(context)
        if (request.headers['x-key'] === 'beta') request['isBeta'] = true
        return true
      },
    }
    @Controller()
    class Pages {
      @Get('mine')
      @UseGuards(beta)
      @CacheResponse({ ttl: 30, staleWhileRevalidate: '1m' })
      page(@Req() request: object) {
        return `run ${++runs} ${'isBeta' in request ? 'new' : 'old'}`
      }
    }
    const { as } = await clients(adapter, Pages)
    expect((await as('beta')).text).toBe('run 1 new')
    await sleep(50)
    // nobody has it: the old response goes, and the next client that has it has it made anew
    expect((await as('beta')).text).toBe('run 1 new')
    await expect.poll(async () => (await as('beta')).text).toMatch(/^run [23] new$/)
    expect((await as('plain')).text).toMatch(/old$/)
  })
})

test('a flag at a reply of Fastify is none at the response of Node beneath', async () => {
  const leaves: CanActivate = {
    canActivate(context) {
      const reply = context.switchToHttp().getResponse<Record<string, object>>()
      const isReply = requestOf(context).headers['x-key'] === 'reply'
      Object.assign(isReply ? reply : (reply['raw'] ?? {}), { special: true })
      return true
    },
  }
  @Controller()
  class Flags {
    @Get('mine')
    @UseGuards(leaves)
    @CacheResponse({ ttl: '1m' })
    mine(@Res({ passthrough: true }) reply: { readonly raw: object }) {
      return ['special' in reply, 'special' in reply.raw]
    }
    @Get('declared')
    @UseGuards(leaves)
    @CacheResponse({ ttl: '1m', unkeyed: ['res.raw.special', 'res.special'] })
    declared() {
      return 'same'
    }
  }
  const { as, get } = await clients(() => new FastifyAdapter(), Flags)
  for (const isHit of [false, true]) {
    for (const [key, text] of [
      ['reply', '[true,false]'],
      ['node', '[false,true]'],
    ] as const) {
      const got = await as(key)
      expect([got.text, got.cache === 'hit']).toEqual([text, isHit])
    }
  }
  await get('/declared', { headers: { 'x-key': 'reply' } })
  expect((await get('/declared', { headers: { 'x-key': 'node' } })).cache).toBe('hit')
})

test('a serializer that was set for one reply of Fastify makes an answer of one', async () => {
  interface Reply {
    serializer(serialize: (payload: { text: string }) => string): void
  }
  const serializes: CanActivate = {
    canActivate(context) {
      const who = requestOf(context).headers['x-key']
      context
        .switchToHttp()
        .getResponse<Reply>()
        .serializer(({ text }) => `${text} ${who}`)
      return true
    },
  }
  @Controller()
  class Mine {
    @Get('mine')
    @UseGuards(serializes)
    @CacheResponse({ ttl: '1m' })
    mine() {
      return { text: 'for' }
    }
  }
  const { as, inputs } = await clients(PLATFORMS[1].adapter, Mine)
  for (const who of ['alice', 'bob', 'alice']) expect((await as(who)).text).toBe(`for ${who}`)
  expect(inputs).toEqual(['res.serializer'])
})

test('what a middleware of Express leaves in the locals of a response counts', async () => {
  const [{ adapter }] = PLATFORMS
  @Controller()
  class Mine {
    @Get('mine')
    @CacheResponse({ ttl: '1m' })
    mine(@Res({ passthrough: true }) response: { readonly locals: Record<string, unknown> }) {
      return response.locals['user']
    }
  }
  const { as } = await clients(adapter, Mine, {
    configure(app) {
      app.use((req: IncomingMessage, res: ServerResponse & { locals: Record<string, unknown> }, next: Next) => {
        res.locals['user'] = req.headers['x-key']
        next()
      })
    },
  })
  await expectApart(as)
})
