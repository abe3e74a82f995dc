import type { CanActivate, ExecutionContext, NestInterceptor } from '@nestjs/common'
import {
  All,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Injectable,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Redirect,
  Req,
  Res,
  Sse,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  VersioningType,
} from '@nestjs/common'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { map, of } from 'rxjs'
import { describe, expect, test, vi } from 'vitest'

import { CacheDecisions, CacheResponse, NoCache } from '../src/index.ts'
import type { Decisions } from '@shelflife/http'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

interface AnyReply {
  send(body: string): unknown
  header(name: string, value: string): unknown
  raw?: unknown
}

/** Against hanging, also on a machine that is busy. */
const SOON = { timeout: 10_000 }

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  test('a hit has the status, headers and bytes of the miss and does not run the handler', async () => {
    let runs = 0
    @Controller('things')
    class Things {
      @Get(':id')
      @Header('X-Static', 'yes')
      @HttpCode(203)
      @CacheResponse({ ttl: '1m' })
      find(@Param('id', ParseIntPipe) id: number) {
        return { id, run: ++runs, text: 'ü' }
      }
    }
    const { get } = await start(adapter, moduleOf([Things]))
    const miss = await get('/things/1')
    const hit = await get('/things/1')
    expect([miss.status, miss.text, miss.cache]).toEqual([203, '{"id":1,"run":1,"text":"ü"}', 'uri-miss'])
    expect([hit.status, hit.text, hit.cache]).toEqual([203, miss.text, 'hit'])
    for (const name of ['content-type', 'content-length', 'x-static', 'etag']) {
      expect(hit.headers.get(name), name).toBe(miss.headers.get(name))
    }
    expect((await get('/things/2')).text).toContain('"run":2')
    expect((await get('/things/x')).status).toBe(400)
  })

  test('what is private by something in front stays so beside what is stored', async () => {
    @Controller('page')
    class Pages {
      @Get()
      @CacheResponse({ ttl: '1m' })
      page() {
        return 'page'
      }
    }
    interface Headers {
      setHeader(name: string, value: string): void
    }
    const { get } = await start(adapter, moduleOf([Pages]), {
      configure: (app) =>
        void app.use(({ headers }: { headers: Record<string, string> }, res: Headers, next: () => void) => {
          if (headers['x-user'] !== undefined) res.setHeader('Cache-Control', 'private, no-store')
          next()
        }),
    })
    await get('/page')
    const alices = await get('/page', { headers: { 'x-user': 'alice' } })
    expect([alices.cache, alices.headers.get('cache-control')]).toEqual(['hit', 'private, no-store'])
    expect((await get('/page')).headers.get('cache-control')).toBe('no-cache')
  })

  test('20 requests at once run the handler once', async () => {
    let runs = 0
    @Controller()
    class Slow {
      @Get('slow')
      @CacheResponse({ ttl: '1m' })
      async slow() {
        await sleep(50)
        return `run ${++runs}`
      }
    }
    const { get } = await start(adapter, moduleOf([Slow]))
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/slow')))
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['run 1']))
    expect(runs).toBe(1)
  })

  test('a hit stays behind the guards', async () => {
    @Injectable()
    class TokenGuard implements CanActivate {
      canActivate(context: ExecutionContext) {
        const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>()
        if (headers['x-token'] !== 'good') throw new ForbiddenException()
        return true
      }
    }
    @Controller()
    class Guarded {
      @Get('guarded')
      @UseGuards(TokenGuard)
      @CacheResponse({ ttl: '1m' })
      guarded() {
        return 'secret'
      }
    }
    const { get } = await start(adapter, moduleOf([Guarded]))
    const headers = { 'x-token': 'good' }
    expect((await get('/guarded', { headers })).text).toBe('secret')
    expect((await get('/guarded')).status).toBe(403)
    expect((await get('/guarded', { headers })).cache).toBe('hit')
  })

  test('two users of one route, guard and session never see the response of the other', async () => {
    @Injectable()
    class KeyGuard implements CanActivate {
      canActivate(context: ExecutionContext) {
        const request = context.switchToHttp().getRequest<Record<string, unknown>>()
        request['user'] = { name: (request['headers'] as Record<string, string>)['x-api-key'] }
        return true
      }
    }
    @Controller()
    class Mine {
      @Get('mine')
      @UseGuards(KeyGuard)
      @CacheResponse({ ttl: '1m' })
      async mine(@Req() request: { user: { name: string } }) {
        await sleep(10)
        return `of ${request.user.name}`
      }
    }
    const { get } = await start(adapter, moduleOf([Mine]))
    const as = (name: string) => get('/mine', { headers: { 'x-api-key': name } })
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(['alice', 'bob', 'alice', 'bob'].map(as))
      expect(answers.map(({ text }) => text)).toEqual(['of alice', 'of bob', 'of alice', 'of bob'])
    }
  })

  test('interceptors outside see every request, those inside only what is not stored', async () => {
    const seen: string[] = []
    const noting = (name: string): NestInterceptor => ({
      intercept(_context, next) {
        seen.push(name)
        return next
          .handle()
          .pipe(map((value: unknown) => (value === undefined ? value : `${name}(${value as string})`)))
      },
    })
    @Controller()
    class Intercepted {
      @Get('intercepted')
      @UseInterceptors(noting('inside'))
      @CacheResponse({ ttl: '1m' })
      @UseInterceptors(noting('outside'))
      answer() {
        return 'x'
      }
    }
    const { get } = await start(adapter, moduleOf([Intercepted]), {
      configure: (app) => void app.useGlobalInterceptors(noting('global')),
    })
    const first = await get('/intercepted')
    const second = await get('/intercepted')
    expect(second.text).toBe(first.text)
    expect(second.cache).toBe('hit')
    expect(first.text).toBe('global(outside(inside(x)))')
    expect(seen).toEqual(['global', 'outside', 'inside', 'global', 'outside'])
  })

  test('an interceptor outside that fails on a hit changes nothing about the answer', async () => {
    @Controller()
    class Careless {
      @Get('careless')
      @CacheResponse({ ttl: '1m' })
      answer() {
        return { name: 'x' }
      }
    }
    const careless: NestInterceptor = {
      intercept: (_context, next) => next.handle().pipe(map((value: { name: string }) => ({ is: value.name }))),
    }
    const { get } = await start(adapter, moduleOf([Careless]), {
      configure: (app) => void app.useGlobalInterceptors(careless),
    })
    for (const _ of [1, 2, 3]) expect((await get('/careless')).text).toBe('{"is":"x"}')
  })

  test('an exception is answered by its filter, and a 404 is stored for a while', async () => {
    let runs = 0
    @Controller()
    class Failing {
      @Get('missing')
      @CacheResponse({ ttl: '1m' })
      missing() {
        runs++
        throw new NotFoundException('nothing here')
      }
      @Get('broken')
      @CacheResponse({ ttl: '1m' })
      broken() {
        runs++
        throw new Error('broken')
      }
    }
    const { get } = await start(adapter, moduleOf([Failing]))
    for (const _ of [1, 2]) {
      const answer = await get('/missing')
      expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('nothing here')])
    }
    expect(runs).toBe(1)
    for (const _ of [1, 2]) expect((await get('/broken')).status).toBe(500)
    expect(runs).toBe(3)
  })

  test('a stale response stands in for an exception, and is refreshed in the background', async () => {
    let runs = 0
    @Controller()
    class Ageing {
      @Get('ageing')
      @CacheResponse({ ttl: 30, staleIfError: '1m' })
      ageing() {
        if (++runs > 1) throw new Error('broken')
        return 'good'
      }
      @Get('refreshed')
      @CacheResponse({ ttl: 30, staleWhileRevalidate: '1m' })
      refreshed() {
        return `run ${++runs}`
      }
    }
    const { get } = await start(adapter, moduleOf([Ageing]))
    await get('/ageing')
    await sleep(50)
    expect((await get('/ageing')).text).toBe('good')
    expect((await get('/refreshed')).text).toBe('run 3')
    await sleep(50)
    expect((await get('/refreshed')).text).toBe('run 3')
    await expect.poll(async () => (await get('/refreshed')).text, SOON).not.toBe('run 3')
  })

  test('@Res() with and without passthrough, StreamableFile and @Redirect are stored as they were sent', async () => {
    let runs = 0
    @Controller()
    class Ways {
      @Get('res')
      @CacheResponse({ ttl: '1m' })
      res(@Res() reply: AnyReply) {
        reply.header('X-Run', String(++runs))
        reply.send(`res ${runs}`)
      }
      @Get('passthrough')
      @CacheResponse({ ttl: '1m' })
      passthrough(@Res({ passthrough: true }) reply: AnyReply) {
        reply.header('X-Run', String(++runs))
        return `passthrough ${runs}`
      }
      @Get('file')
      @CacheResponse({ ttl: '1m' })
      file() {
        return new StreamableFile(Readable.from([Buffer.from(`file ${++runs} `), Buffer.alloc(100_000, 'x')]), {
          type: 'text/plain',
          disposition: 'attachment',
        })
      }
      @Get('moved')
      @Redirect('/there', 301)
      @CacheResponse({ ttl: '1m' })
      moved() {
        runs++
      }
    }
    const { get } = await start(adapter, moduleOf([Ways]))
    for (const [i, path] of ['/res', '/passthrough', '/file', '/moved'].entries()) {
      const miss = await get(path)
      // a stream is stored when it has ended, which its client may know first
      const hit = await vi.waitFor(async () => {
        const again = await get(path)
        expect(again.cache, path).toBe('hit')
        return again
      })
      expect([hit.status, hit.text], path).toEqual([miss.status, miss.text])
      for (const name of ['x-run', 'location', 'content-type', 'content-disposition']) {
        expect(hit.headers.get(name), `${path} ${name}`).toBe(miss.headers.get(name))
      }
      expect(runs, path).toBe(i + 1)
    }
  })

  test('a name in Latin-1 has the bytes that it has without a cache', async () => {
    const named = 'attachment; filename="näme.txt"'
    const controllerAt = (path: string, ...caching: ClassDecorator[]) => {
      @Controller(path)
      class Files {
        @Get('streamed')
        streamed() {
          return new StreamableFile(Readable.from([Buffer.from('x')]), { disposition: named })
        }
        @Get('decorated')
        @Header('Content-Disposition', named)
        decorated() {
          return new StreamableFile(Readable.from([Buffer.from('x')]))
        }
        @Get('whole')
        whole(@Res({ passthrough: true }) response: AnyReply) {
          response.header('Content-Disposition', named)
          return 'x'
        }
      }
      for (const decorate of caching) decorate(Files)
      return Files
    }
    const controllers = [controllerAt('plain'), controllerAt('cached', CacheResponse({ ttl: '1m' }) as ClassDecorator)]
    const { get } = await start(adapter, moduleOf(controllers))
    for (const way of ['streamed', 'decorated', 'whole']) {
      const disposition = (await get(`/plain/${way}`)).headers.get('content-disposition')
      for (const _ of ['miss', 'hit']) {
        const { headers, text } = await get(`/cached/${way}`)
        expect([way, text, headers.get('content-disposition')]).toEqual([way, 'x', disposition])
      }
      expect((await get(`/cached/${way}`)).cache).toBe('hit')
    }
  })

  test('a hit is nothing that an exception filter hears of', async () => {
    const heard: unknown[] = []
    @Controller()
    class Plain {
      @Get('plain')
      @Header('X-Static', 'yes')
      @CacheResponse({ ttl: '1m' })
      plain() {
        return { plain: true }
      }
    }
    const { get } = await start(adapter, moduleOf([Plain]), {
      configure(app) {
        app.useGlobalInterceptors({
          intercept: (_context, next) => next.handle().pipe(map((data: unknown) => ({ data }))),
        })
        app.useGlobalFilters({ catch: (exception: unknown) => void heard.push(exception) })
      },
    })
    await get('/plain')
    expect((await get('/plain')).cache).toBe('hit')
    expect((await get('/plain', { method: 'HEAD' })).cache).toBe('hit')
    expect(heard).toEqual([])
  })

  test('conditions, ranges and HEAD are answered from what is stored', async () => {
    let runs = 0
    @Controller()
    class Page {
      @Get('page')
      @CacheResponse({ ttl: '1m' })
      page() {
        runs++
        return '0123456789'
      }
    }
    const { get } = await start(adapter, moduleOf([Page]))
    const etag = (await get('/page')).headers.get('etag')!
    expect((await get('/page', { headers: { 'if-none-match': etag } })).status).toBe(304)
    const part = await get('/page', { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.text]).toEqual([206, '234'])
    const head = await get('/page', { method: 'HEAD' })
    expect([head.status, head.text, head.headers.get('content-length'), head.cache]).toEqual([200, '', '10', 'hit'])
    expect(runs).toBe(1)
  })

  test('server-sent events and @NoCache() routes of a cached controller run every time', async () => {
    let runs = 0
    @Controller()
    @CacheResponse({ ttl: '1m' })
    class Mixed {
      @Sse('events')
      events() {
        return of({ data: `run ${++runs}` })
      }
      @Get('now')
      @NoCache()
      now() {
        return `run ${++runs}`
      }
      @Get('later')
      later() {
        return `run ${++runs}`
      }
    }
    const { get } = await start(adapter, moduleOf([Mixed]))
    expect((await get('/events')).text).toContain('run 1')
    expect((await get('/events')).text).toContain('run 2')
    expect((await get('/now')).text).toBe('run 3')
    expect((await get('/now')).text).toBe('run 4')
    expect((await get('/later')).text).toBe('run 5')
    expect((await get('/later')).text).toBe('run 5')
  })

  test('a write of a cached controller makes its URI void, and a failed one does not', async () => {
    let value = 1
    @Controller('value')
    @CacheResponse({ ttl: '1m' })
    class Values {
      @Get()
      read() {
        return `${value}`
      }
      @Post()
      write() {
        value++
        if (value === 2) throw new ForbiddenException()
        return 'written'
      }
    }
    const { get } = await start(adapter, moduleOf([Values]))
    expect((await get('/value')).text).toBe('1')
    expect((await get('/value', { method: 'POST' })).status).toBe(403)
    expect((await get('/value')).text).toBe('1')
    expect((await get('/value', { method: 'POST' })).status).toBe(201)
    expect((await get('/value')).text).toBe('3')
  })

  test('status and message are those of the first write', async () => {
    @Controller()
    class Late {
      @All('late')
      @CacheResponse({ ttl: '1m' })
      late(@Res() response: AnyReply) {
        const res = (response.raw ?? response) as ServerResponse
        res.uncork()
        res.statusMessage = 'Early'
        res.statusCode = 404
        res.write('')
        res.statusMessage = 'Late'
        setImmediate(() => {
          res.statusCode = 200
          res.cork()
          res.write('a')
          res.write('b')
          res.uncork()
          res.end()
        })
      }
    }
    const { url } = await start(adapter, moduleOf([Late]))
    for (const method of ['POST', 'GET']) {
      const response = await fetch(`${url}/late`, { method })
      const { status, statusText } = response
      expect([method, status, statusText, await response.text()]).toEqual([method, 404, 'Early', 'ab'])
    }
    expect((await fetch(`${url}/late`)).status).toBe(404)
  })

  test('tags, lifetimes and refusals that a handler decides count', async () => {
    let runs = 0
    @Controller()
    class Deciding {
      @Get('decided/:what')
      @CacheResponse({ ttl: '1m', tags: ({ params }) => [`what:${params['what']}`] })
      decide(@Param('what') what: string, @CacheDecisions() decisions: Decisions) {
        if (what === 'never') decisions.noStore()
        decisions.tag(`late:${what}`)
        return `run ${++runs}`
      }
    }
    const module = moduleOf([Deciding])
    const { app, get } = await start(adapter, module)
    const { CACHE } = await import('../src/tokens.ts')
    const cache = app.get<{ invalidateTags(tags: string[]): Promise<unknown> }>(CACHE)
    expect((await get('/decided/never')).text).toBe('run 1')
    expect((await get('/decided/never')).text).toBe('run 2')
    expect((await get('/decided/a')).text).toBe('run 3')
    expect((await get('/decided/a')).text).toBe('run 3')
    await cache.invalidateTags(['what:a'])
    expect((await get('/decided/a')).text).toBe('run 4')
    await cache.invalidateTags(['late:a'])
    expect((await get('/decided/a')).text).toBe('run 5')
  })

  test('what a handler decides while it sends counts', async () => {
    let runs = 0
    @Controller()
    class Rows {
      @Get('rows/:what')
      @CacheResponse({ ttl: '1m' })
      rows(@Param('what') what: string, @CacheDecisions() decisions: Decisions) {
        const run = ++runs
        async function* all() {
          yield Buffer.from(`run ${run}`)
          await sleep(10)
          if (what === 'broken') decisions.noStore()
          decisions.tag('row:1')
          yield Buffer.from(', row 1')
        }
        return new StreamableFile(Readable.from(all()))
      }
    }
    const { app, get } = await start(adapter, moduleOf([Rows]))
    const { CACHE } = await import('../src/tokens.ts')
    const cache = app.get<{ invalidateTags(tags: string[]): Promise<unknown> }>(CACHE)
    await get('/rows/fine')
    await expect.poll(async () => (await get('/rows/fine')).cache).toBe('hit')
    const before = (await get('/rows/fine')).text
    await cache.invalidateTags(['row:1'])
    expect((await get('/rows/fine')).text).not.toBe(before)
    const [first, second] = [await get('/rows/broken'), await get('/rows/broken')]
    expect(second.text).not.toBe(first.text)
  })

  test('versions of one URI that a header selects do not answer for each other', async () => {
    @Controller({ path: 'versioned', version: '1' })
    class One {
      @Get()
      @CacheResponse({ ttl: '1m' })
      answer() {
        return 'one'
      }
    }
    @Controller({ path: 'versioned', version: '2' })
    class Two {
      @Get()
      @CacheResponse({ ttl: '1m' })
      answer() {
        return 'two'
      }
    }
    const { get } = await start(adapter, moduleOf([One, Two]), {
      configure(app) {
        app.setGlobalPrefix('api')
        app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version' })
      },
    })
    const as = (version: string) => get('/api/versioned', { headers: { 'x-version': version } })
    for (const _ of [1, 2]) {
      expect((await as('1')).text).toBe('one')
      expect((await as('2')).text).toBe('two')
    }
    expect((await as('1')).cache).toBe('hit')
  })

  test('what a middleware sets for one client is not stored for others', async () => {
    let visits = 0
    @Controller()
    class Plain {
      @Get('plain')
      @CacheResponse({ ttl: '1m' })
      plain() {
        return 'plain'
      }
    }
    const { get } = await start(adapter, moduleOf([Plain]), {
      configure(app) {
        app.use((_req: unknown, res: { setHeader(name: string, value: string): void }, next: () => void) => {
          res.setHeader('X-Request-Id', String(++visits))
          next()
        })
      },
    })
    expect((await get('/plain')).headers.get('x-request-id')).toBe('1')
    const hit = await get('/plain')
    expect([hit.cache, hit.headers.get('x-request-id')]).toEqual(['hit', '2'])
  })

  test('origins that CORS lets in get a header of their own', async () => {
    @Controller()
    class Shared {
      @Get('shared')
      @CacheResponse({ ttl: '1m' })
      shared() {
        return 'shared'
      }
    }
    const { get } = await start(adapter, moduleOf([Shared]), {
      configure: (app) => app.enableCors({ origin: ['https://a.test', 'https://b.test'] }),
    })
    for (const origin of ['https://a.test', 'https://b.test', 'https://a.test', 'https://b.test']) {
      const answer = await get('/shared', { headers: { origin } })
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect(answer.text).toBe('shared')
    }
  })
})
