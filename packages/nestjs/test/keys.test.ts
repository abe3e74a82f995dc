import type { CanActivate, ExecutionContext, INestApplication } from '@nestjs/common'
import {
  Controller,
  Get,
  HostParam,
  Param,
  Redirect,
  Req,
  UseGuards,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import type { Adapter } from './platforms.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

interface AnyRequest {
  readonly hostname: string
  readonly protocol: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

interface Answer {
  readonly text: string
  readonly status: number
  readonly isHit: boolean
  readonly vary: string
}

/** With a `Host` of one's own, which `fetch` does not allow. */
function ask(url: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
      response.on('end', () => {
        const { 'cache-status': cache, vary = '' } = response.headers
        resolve({ text, status: response.statusCode ?? 0, isHit: /;\s*hit/.test(String(cache)), vary })
      })
    })
      .on('error', reject)
      .end()
  })
}

const TRUSTING: readonly {
  readonly name: string
  readonly adapter: Adapter
  configure(app: INestApplication): void
}[] = [
  {
    name: 'Express',
    adapter: () => new ExpressAdapter(),
    configure: (app) =>
      (app.getHttpAdapter().getInstance() as { set(name: string, value: unknown): void }).set('trust proxy', true),
  },
  { name: 'Fastify', adapter: () => new FastifyAdapter({ trustProxy: true }) as never, configure() {} },
]

describe.each(TRUSTING)('behind a proxy that $name trusts', ({ adapter, configure }) => {
  test('the host that it names is the host of handler and key', async () => {
    @Controller()
    class Shops {
      @Get('shop')
      @CacheResponse({ ttl: '1m' })
      shop(@Req() { hostname, protocol }: AnyRequest) {
        return `${protocol} ${hostname}`
      }
      @Get('raw')
      @CacheResponse({ ttl: '1m' })
      raw(@Req() { headers }: AnyRequest) {
        return `${headers['x-forwarded-host']} ${headers['x-forwarded-proto']}`
      }
      @Get('host')
      @CacheResponse({ ttl: '1m' })
      host(@Req() { headers }: AnyRequest) {
        return `${headers['host']}`
      }
    }
    const { url } = await start(adapter, moduleOf([Shops]), { configure })
    const as = (path: string, host: string, proto = 'https') =>
      ask(`${url}${path}`, { 'x-forwarded-host': host, 'x-forwarded-proto': proto, host: 'inner.test' })
    for (const path of ['/shop', '/raw']) {
      const expected = (host: string, proto: string) => (path === '/shop' ? `${proto} ${host}` : `${host} ${proto}`)
      for (const [host, proto] of [
        ['a.test', 'https'],
        ['b.test', 'https'],
        ['a.test', 'http'],
        ['a.test', 'https'],
      ] as const) {
        expect((await as(path, host, proto)).text).toBe(expected(host, proto))
      }
      expect((await as(path, 'b.test')).isHit).toBe(true)
    }
    // it is the same for both, and who knows for whom else
    for (const _ of [1, 2]) expect(await as('/host', 'a.test')).toMatchObject({ text: 'inner.test', isHit: false })
  })

  test('controllers of one host do not answer for another', async () => {
    @Controller({ host: 'admin.test' })
    class Admin {
      @Get('page')
      @CacheResponse({ ttl: '1m' })
      page() {
        return 'admin'
      }
    }
    @Controller()
    class Everybody {
      @Get('page')
      @CacheResponse({ ttl: '1m' })
      page() {
        return 'everybody'
      }
    }
    // Fastify cannot choose by host among handlers of one path
    const controllers = adapter() instanceof ExpressAdapter ? [Admin, Everybody] : [Admin]
    const { url } = await start(adapter, moduleOf(controllers), { configure })
    const as = (host: string) => ask(`${url}/page`, { 'x-forwarded-host': host, host: 'inner.test' })
    for (const _ of [1, 2]) {
      expect((await as('admin.test')).text).toBe('admin')
      expect((await as('www.test')).text).not.toBe('admin')
    }
    expect((await as('admin.test')).isHit).toBe(true)
  })
})

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  test('a host is told apart byte by byte, as the handler sees it', async () => {
    @Controller()
    class Pages {
      @Get('page')
      @CacheResponse({ ttl: '1m' })
      page(@Req() { headers }: AnyRequest) {
        return `${headers['host']}`
      }
    }
    const { url } = await start(adapter, moduleOf([Pages]))
    for (const host of ['a.test', 'a.test:80', 'A.test', 'a.test']) {
      expect((await ask(`${url}/page`, { host })).text).toBe(host)
    }
  })

  describe('parameters of the host', () => {
    function shopsAt(host: string | RegExp | (string | RegExp)[], ...guards: CanActivate[]) {
      @Controller({ host })
      @UseGuards(...guards)
      class Shops {
        @Get('shop')
        @CacheResponse({ ttl: '1m' })
        shop(@HostParam() params: object) {
          return JSON.stringify(params)
        }
      }
      return Shops
    }

    /** The pattern, what it makes of `acme.shop.test`, and a host that has another value. */
    const PATTERNS: readonly (readonly [string | RegExp | (string | RegExp)[], string])[] = [
      [':tenant.shop.test', '{"tenant":"acme"}'],
      [':tenant.:rest', '{"tenant":"acme.shop","rest":"test"}'],
      ['{:tenant.}shop.test', '{"tenant":"acme"}'],
      ['*tenant.test', '{"tenant":"acme.shop"}'],
      ['acme.shop.test', '{}'],
      [/^(?<tenant>\w+)\.shop/, '{"tenant":"acme"}'],
      [/^(\w+)\.shop/, '{}'],
      [['www.test', /^none/, ':tenant.shop.test'], '{"tenant":"acme"}'],
    ]

    test.each(PATTERNS)('are in the key as the host is: %s', async (host, expected) => {
      const { url } = await start(adapter, moduleOf([shopsAt(host)]))
      const as = (name: string) => ask(`${url}/shop`, { host: name })
      expect(await as('acme.shop.test')).toMatchObject({ text: expected, vary: '' })
      expect(await as('acme.shop.test')).toMatchObject({ text: expected, vary: '', isHit: true })
      const other = await as('globex.shop.test')
      if (other.status === 200) expect(other.text).toBe(expected.replaceAll('acme', 'globex'))
    })

    interface Asked extends AnyRequest {
      hosts?: Record<string, string>
    }

    test.each<[string, object, (hosts: Record<string, string>) => Record<string, string> | undefined]>([
      ['another part of the host', { tenant: 'shop' }, () => ({ tenant: 'shop' })],
      ['one more', { tenant: 'acme', plan: 'acme' }, (hosts) => ({ ...hosts, plan: 'acme' })],
      ['one less', {}, () => ({})],
      ['all of them', {}, () => undefined],
    ])('that something in front has changed are those of one client: %s', async (_what, expected, change) => {
      const changes: CanActivate = {
        canActivate(context: ExecutionContext) {
          const request = context.switchToHttp().getRequest<Asked>()
          const changed = change(request.hosts!)
          if (request.headers['x-other'] === undefined) return true
          if (changed === undefined) delete request.hosts
          else request.hosts = changed
          return true
        },
      }
      const { url } = await start(adapter, moduleOf([shopsAt(':tenant.shop.test', changes)]))
      const as = (more: Record<string, string>) => ask(`${url}/shop`, { host: 'acme.shop.test', ...more })
      for (const more of [{}, { 'x-other': '1' }, {}, { 'x-other': '1' }]) {
        const seen = 'x-other' in more ? expected : { tenant: 'acme' }
        expect((await as(more)).text).toBe(JSON.stringify(seen))
      }
    })
  })

  test('a forwarded host or scheme that nobody trusts is not taken for the one in the key', async () => {
    @Controller()
    class Secure {
      @Get('secure')
      @CacheResponse({ ttl: '1m' })
      secure(@Req() { headers, protocol }: AnyRequest) {
        return headers['x-forwarded-proto'] === protocol ? 'same' : 'redirected'
      }
      @Get('host')
      @CacheResponse({ ttl: '1m' })
      host(@Req() { headers }: AnyRequest) {
        return `${headers['x-forwarded-host']}`
      }
    }
    const { url } = await start(adapter, moduleOf([Secure]))
    const proto = (value: string) => ask(`${url}/secure`, { 'x-forwarded-proto': value })
    for (const _ of [1, 2]) {
      expect((await proto('http')).text).toBe('same')
      expect((await proto('https')).text).toBe('redirected')
    }
    for (const host of ['a.test', 'b.test', 'a.test']) {
      expect((await ask(`${url}/host`, { host: 'a.test', 'x-forwarded-host': host })).text).toBe(host)
    }
  })

  test('what sends clients of http away is not the answer to those of https', async () => {
    @Controller()
    class Redirecting {
      @Get('page')
      @Redirect()
      @CacheResponse({ ttl: '1m' })
      page(@Req() { headers }: AnyRequest) {
        const isSecure = headers['x-forwarded-proto'] === 'https'
        return { url: isSecure ? 'https://a.test/in' : 'https://a.test/page', statusCode: 301 }
      }
    }
    const { get } = await start(adapter, moduleOf([Redirecting]))
    const to = async (proto: string) =>
      (await get('/page', { headers: { 'x-forwarded-proto': proto } })).headers.get('location')
    for (const _ of [1, 2]) {
      expect(await to('http')).toBe('https://a.test/page')
      expect(await to('https')).toBe('https://a.test/in')
    }
  })

  const one = { version: '1', answer: 'one' }
  const two = { version: '2', answer: 'two' }

  test.each([
    [
      'a header',
      { type: VersioningType.HEADER, header: 'X-Version' } as const,
      'x-version',
      (version: string) => ({ 'x-version': version }),
    ],
    [
      'the media type',
      { type: VersioningType.MEDIA_TYPE, key: 'v=' } as const,
      'accept',
      (version: string) => ({ accept: `application/json;v=${version}` }),
    ],
    [
      'what nobody else knows',
      {
        type: VersioningType.CUSTOM,
        extractor: (asked: unknown) => String((asked as AnyRequest).headers['x-any']),
      } as const,
      '*',
      (version: string) => ({ 'x-any': version }),
    ],
  ])('caches on the way are told that %s selects the version', async (_what, versioning, vary, headers) => {
    @Controller({ path: 'versioned', version: one.version })
    class One {
      @Get()
      @CacheResponse({ ttl: '1m', browserTtl: '1m' })
      answer() {
        return one.answer
      }
    }
    @Controller('versioned')
    class Two {
      @Get()
      @Version(two.version)
      @CacheResponse({ ttl: '1m', browserTtl: '1m' })
      answer() {
        return two.answer
      }
      @Get('neutral')
      @Version(VERSION_NEUTRAL)
      @CacheResponse({ ttl: '1m' })
      neutral() {
        return 'neutral'
      }
    }
    const { get } = await start(adapter, moduleOf([One, Two]), {
      configure: (app) => void app.enableVersioning(versioning),
    })
    for (const round of ['miss', 'hit']) {
      for (const { version, answer } of [one, two]) {
        const got = await get('/versioned', { headers: headers(version) })
        expect([got.text, got.cache === 'hit']).toEqual([answer, round === 'hit'])
        expect(got.headers.get('vary')?.toLowerCase().split(', ')).toContain(vary)
      }
    }
    await get('/versioned/neutral', { headers: headers('1') })
    expect((await get('/versioned/neutral', { headers: headers('2') })).cache).toBe('hit')
  })

  test('versions in the URI tell caches nothing more', async () => {
    @Controller({ path: 'versioned', version: '1' })
    class One {
      @Get()
      @CacheResponse({ ttl: '1m' })
      answer() {
        return 'one'
      }
    }
    const { get } = await start(adapter, moduleOf([One]), {
      configure: (app) => void app.enableVersioning({ type: VersioningType.URI }),
    })
    expect((await get('/v1/versioned')).headers.get('vary')).toBeNull()
    expect((await get('/v1/versioned')).cache).toBe('hit')
  })

  describe('a target that was rewritten in front', () => {
    const rewrite = (path: string | undefined, site: string | string[] | undefined): string =>
      path === '/' ? `/site/${String(site)}` : (path ?? '/')
    const isExpress = adapter() instanceof ExpressAdapter
    const rewriting: Adapter = () =>
      new FastifyAdapter({
        rewriteUrl: ({ url, headers }: IncomingMessage) => rewrite(url, headers['x-site']),
      } as never) as never

    @Controller()
    class Sites {
      @Get('site/:name')
      @CacheResponse({ ttl: 100, staleWhileRevalidate: '1m' })
      site(@Param('name') name: string) {
        return name
      }
    }

    async function sites() {
      const { get } = await start(isExpress ? adapter : rewriting, moduleOf([Sites]), {
        configure(app) {
          if (!isExpress) return
          app.use((req: { url: string; headers: Record<string, string> }, _res: unknown, next: () => void) => {
            req.url = rewrite(req.url, req.headers['x-site'])
            next()
          })
        },
      })
      return (site: string) => get('/', { headers: { 'x-site': site } })
    }

    test('is told apart by what it was rewritten to', async () => {
      const as = await sites()
      for (const round of ['miss', 'hit']) {
        for (const site of ['a', 'b']) {
          const { text, cache } = await as(site)
          expect([text, cache === 'hit']).toEqual([site, round === 'hit'])
        }
      }
    })

    test('is not refreshed with what nobody asked for', async () => {
      const as = await sites()
      await as('a')
      await sleep(150)
      for (let i = 0; i < 4; i++) {
        expect((await as('a')).text).toBe('a')
        await sleep(20)
      }
    })
  })
})
