import { Controller, Get, Headers, Post, Req, Res, StreamableFile } from '@nestjs/common'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:http2'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import type { Adapter } from './platforms.ts'
import { moduleOf, start } from './platforms.ts'

const adapter: Adapter = () => new FastifyAdapter({ http2: true }) as never

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number }
  readonly text: string
}

async function ask(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const stream = session.request({ ':path': path, ...headers })
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
  const head = new Promise<Answer['headers']>((resolve) => stream.once('response', resolve))
  await new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject))
  return { headers: await head, text }
}

async function open(controller: Parameters<typeof moduleOf>[0][number]) {
  const { url } = await start(adapter, moduleOf([controller]))
  const session = connect(url)
  onTestFinished(() => session.destroy())
  return (path: string, headers?: Record<string, string>) => ask(session, path, headers)
}

describe('over HTTP/2, on Fastify', () => {
  test('a miss, a hit, a condition, a range and HEAD are answered', async () => {
    let runs = 0
    @Controller()
    class Page {
      @Get('page')
      @CacheResponse({ ttl: '1m' })
      page() {
        return `page ${++runs}`
      }
    }
    const get = await open(Page)
    const miss = await get('/page')
    expect([miss.headers[':status'], miss.text]).toEqual([200, 'page 1'])
    const hit = await get('/page')
    expect([hit.text, hit.headers['cache-status']]).toEqual(['page 1', expect.stringContaining('hit')])
    const etag = miss.headers.etag ?? hit.headers.etag ?? ''
    expect((await get('/page', { 'if-none-match': etag })).headers[':status']).toBe(304)
    expect((await get('/page', { range: 'bytes=0-3' })).text).toBe('page')
    expect((await get('/page', { ':method': 'HEAD' })).headers['content-length']).toBe('6')
    expect(runs).toBe(1)
  })

  test('a stream is sent and stored, and a write makes its URI void', async () => {
    let runs = 0
    @Controller('file')
    @CacheResponse({ ttl: '1m' })
    class Files {
      @Get()
      file() {
        const run = ++runs
        return new StreamableFile(
          Readable.from(
            (async function* () {
              yield Buffer.from(`run ${run} `)
              await sleep(20)
              yield Buffer.alloc(200_000, 'x')
            })(),
          ),
        )
      }
      @Post()
      write() {
        return 'written'
      }
    }
    const get = await open(Files)
    const first = await get('/file')
    expect([first.text.slice(0, 6), first.text.length]).toEqual(['run 1 ', 200_006])
    await expect.poll(async () => (await get('/file')).headers['cache-status']).toContain('hit')
    expect((await get('/file', { ':method': 'POST' })).text).toBe('written')
    expect((await get('/file')).text.slice(0, 6)).toBe('run 2 ')
  })

  test('an answer that its handler has given reaches its client although it then destroys the response', async () => {
    @Controller()
    class Given {
      @Get('given')
      @CacheResponse({ ttl: '1m' })
      given(@Res() response: { readonly raw: { destroy(): void }; send(text: string): void }) {
        response.send('the answer')
        response.raw.destroy()
      }
    }
    const get = await open(Given)
    for (const _ of [1, 2]) expect((await get('/given')).text).toBe('the answer')
  })

  test.each(['a body that is shorter than it was said to be', 'a source that fails'])(
    'its client hears that an answer is not whole: %s',
    async (what) => {
      async function* part() {
        yield Buffer.from('a part')
        if (what === 'a source that fails') throw new Error('broken')
      }
      const length = what === 'a source that fails' ? {} : { length: 10 }
      @Controller()
      class Broken {
        @Get('broken')
        @CacheResponse({ ttl: '1m' })
        broken() {
          return new StreamableFile(Readable.from(part()), length)
        }
      }
      const get = await open(Broken)
      for (const _ of [1, 2]) await expect(get('/broken')).rejects.toThrow('INTERNAL_ERROR')
    },
  )

  test('what is about one connection is not sent', async () => {
    @Controller()
    class Connected {
      @Get('connected')
      @CacheResponse({ ttl: '1m' })
      connected(@Req() _request: unknown) {
        return new Response('connected', { headers: { 'Keep-Alive': 'timeout=5', 'Transfer-Encoding': 'chunked' } })
      }
    }
    const get = await open(Connected)
    for (const _ of [1, 2]) {
      const { headers } = await get('/connected')
      expect(headers[':status']).toBe(200)
      for (const name of ['connection', 'keep-alive', 'transfer-encoding']) expect(headers[name], name).toBeUndefined()
    }
  })

  test('a stale response is refreshed in the background', async () => {
    let runs = 0
    @Controller()
    class Ageing {
      @Get('ageing')
      @CacheResponse({ ttl: 30, staleWhileRevalidate: '1m' })
      ageing() {
        return `run ${++runs}`
      }
    }
    const get = await open(Ageing)
    expect((await get('/ageing')).text).toBe('run 1')
    await sleep(50)
    expect((await get('/ageing')).text).toBe('run 1')
    await expect.poll(async () => (await get('/ageing')).text).toBe('run 2')
  })

  test('the authority is part of the key, and one beside another host is not looked up', async () => {
    @Controller()
    class Hosts {
      @Get('host')
      @CacheResponse({ ttl: '1m' })
      host(@Req() request: { readonly host: string }, @Headers(':authority') authority: string) {
        return `${request.host} ${authority}`
      }
      @Get('authority')
      @CacheResponse({ ttl: '1m' })
      authority(@Req() { raw }: { readonly raw: { readonly authority: string } }) {
        return raw.authority
      }
    }
    const get = await open(Hosts)
    const of = async (authority: string, more: Record<string, string> = {}) => {
      const { text, headers } = await get('/host', { ':authority': authority, ...more })
      return [text, String(headers['cache-status']).includes('hit')]
    }
    expect(await of('a.test')).toEqual(['a.test a.test', false])
    expect(await of('b.test')).toEqual(['b.test b.test', false])
    expect(await of('a.test')).toEqual(['a.test a.test', true])
    expect((await get('/authority', { ':authority': 'a.test', host: 'evil.test' })).text).toBe('a.test')
    expect((await get('/authority', { ':authority': 'evil.test' })).text).toBe('evil.test')
    expect(await of('a.test', { host: 'evil.test' })).toEqual(['evil.test a.test', false])
    expect(await of('evil.test')).toEqual(['evil.test evil.test', false])
    expect(await of('a.test')).toEqual(['a.test a.test', true])
  })

  test('a client that goes away takes nothing from those who wait for the same', async () => {
    let runs = 0
    @Controller()
    class Slow {
      @Get('slow')
      @CacheResponse({ ttl: '1m' })
      async slow() {
        runs++
        await sleep(150)
        return `run ${runs}`
      }
    }
    const { url } = await start(adapter, moduleOf([Slow]))
    const [leaving, staying] = [connect(url), connect(url)]
    onTestFinished(() => {
      leaving.destroy()
      staying.destroy()
    })
    const gone = leaving.request({ ':path': '/slow' })
    await expect.poll(() => runs).toBe(1)
    const waiting = ask(staying, '/slow')
    await sleep(20)
    gone.close()
    expect((await waiting).text).toBe('run 1')
    expect((await ask(staying, '/slow')).headers['cache-status']).toContain('hit')
  })
})
