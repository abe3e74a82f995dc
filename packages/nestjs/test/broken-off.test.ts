import { Controller, Get, Req, Res, StreamableFile, Header } from '@nestjs/common'
import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

/** Much less than a fill may take. */
const SOON = { timeout: 10_000 }

/** In which ways a handler can end a connection before its answer is whole. */
const BREAKS: Readonly<Record<string, (req: IncomingMessage, res: ServerResponse) => unknown>> = {
  'res.destroy()': (_req, res) => res.destroy(),
  'req.destroy()': (req) => req.destroy(),
  'req.destroy(error)': (req) => req.destroy(new Error('broken')),
  'req.socket.destroy()': (req) => req.socket.destroy(),
  'req.socket.destroy(error)': (req) => req.socket.destroy(new Error('broken')),
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
const AFTER_THE_END: typeof BREAKS = {
  throw: () => {
    throw new Error('after the answer')
  },
  'res.destroy()': (_req, res) => res.destroy(),
  'req.socket.destroy()': (req) => req.socket.destroy(),
}

/** Of a time-out, in milliseconds: more than it takes to ask twice and to leave. */
const TIME = 250

/** In which ways a handler can set a time-out for its answer. */
const TIME_OUTS: typeof BREAKS = {
  'res.setTimeout()': (_req, res) => res.setTimeout(TIME),
  'req.setTimeout()': (req) => req.setTimeout(TIME),
  'req.socket.setTimeout()': (req) => req.socket.setTimeout(TIME),
}

interface Raw<Of> {
  readonly raw?: Of
  hijack?(): void
}

const rawOf = <Of>(of: Raw<Of>): Of => of.raw ?? (of as Of)

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  describe.each(Object.entries({ ...BREAKS, ...TIME_OUTS }))(
    'a handler that breaks its answer off: %s',
    (_name, breakOff) => {
      test.each(['stays', 'has gone before'])('keeps nobody waiting when its client %s', SOON, async (client) => {
        let runs = 0
        let asked = 0
        let goOn = (): void => {}
        const going = new Promise<void>((resolve) => (goOn = resolve))
        @Controller()
        class Broken {
          @Get()
          @CacheResponse({ ttl: '1m' })
          async answer(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>) {
            response.hijack?.()
            const [req, res] = [rawOf(request), rawOf(response)]
            if (++runs > 1) return void res.end('whole')
            await going
            breakOff(req, res)
          }
        }
        const { get } = await start(adapter, moduleOf([Broken]), {
          configure(app) {
            const server = app.getHttpServer() as Server
            server.prependListener('request', (req: IncomingMessage) => {
              if (++asked === 1 && client !== 'stays') req.socket.once('close', () => setImmediate(goOn))
            })
          },
        })
        const leaving = new AbortController()
        const leader = get('/', { signal: leaving.signal }).catch(() => {})
        await vi.waitFor(() => expect(runs).toBe(1))
        const follower = get('/')
        await vi.waitFor(() => expect(asked).toBe(2))
        if (client === 'stays') goOn()
        else leaving.abort()
        await leader
        expect((await follower).text).toBe('whole')
        expect((await get('/')).text).toBe('whole')
      })
    },
  )

  test('a time-out that a handler has set goes on when its client leaves', SOON, async () => {
    let runs = 0
    let asked = 0
    @Controller()
    class Late {
      @Get()
      @CacheResponse({ ttl: '1m' })
      answer(@Res() response: Raw<ServerResponse>) {
        runs++
        response.hijack?.()
        const res = rawOf(response)
        res.setTimeout(TIME, () => res.end('what there is'))
      }
    }
    const { get } = await start(adapter, moduleOf([Late]), {
      configure: (app) => void (app.getHttpServer() as Server).prependListener('request', () => asked++),
    })
    const leaving = new AbortController()
    const leader = get('/', { signal: leaving.signal }).catch(() => {})
    await vi.waitFor(() => expect(runs).toBe(1))
    const follower = get('/')
    await vi.waitFor(() => expect(asked).toBe(2))
    leaving.abort()
    await leader
    expect((await follower).text).toBe('what there is')
    expect(runs).toBe(1)
  })

  test.each<[string, (req: IncomingMessage, res: ServerResponse) => unknown]>([
    ['res.setTimeout()', (_req, res) => res.setTimeout(TIME)],
    ['res.setTimeout() and req.socket.destroy()', (req, res) => res.setTimeout(TIME, () => req.socket.destroy())],
    ['res.setTimeout() and res.destroy()', (_req, res) => res.setTimeout(TIME, () => res.destroy())],
  ])('a time-out in front is that of its client alone: %s', SOON, async (_name, set) => {
    let [asked, runs] = [0, 0]
    let tellGone = (): void => {}
    const gone = new Promise<void>((resolve) => (tellGone = resolve))
    @Controller()
    class Slow {
      @Get()
      @CacheResponse({ ttl: '1m' })
      async answer() {
        runs++
        await gone
        return 'whole'
      }
    }
    const { get } = await start(adapter, moduleOf([Slow]), {
      configure: (app) =>
        void (app.getHttpServer() as Server).prependListener('request', (req, res) => {
          if (++asked > 1) return
          set(req, res)
          req.socket.once('close', () => setImmediate(tellGone))
        }),
    })
    const leader = get('/').catch(() => 'gone')
    await vi.waitFor(() => expect(runs).toBe(1))
    const follower = get('/')
    expect(await leader).toBe('gone')
    expect((await follower).text).toBe('whole')
    expect((await get('/')).text).toBe('whole')
    expect(runs).toBe(1)
  })

  test('for who leaves while he waits for another no handler runs', SOON, async () => {
    let [asked, gone, runs] = [0, 0, 0]
    let answer = (): void => {}
    const going = new Promise<void>((resolve) => (answer = resolve))
    @Controller()
    class Private {
      @Get()
      @Header('Cache-Control', 'private')
      @CacheResponse({ ttl: '1m' })
      async answer() {
        runs++
        await going
        return 'late'
      }
    }
    const { get } = await start(adapter, moduleOf([Private]), {
      configure(app) {
        const server = app.getHttpServer() as Server
        server.prependListener('request', (_req, res) => {
          asked++
          res.on('close', () => void gone++)
        })
      },
    })
    const first = get('/')
    await vi.waitFor(() => expect(runs).toBe(1))
    const leaving = new AbortController()
    const second = get('/', { signal: leaving.signal }).catch(() => {})
    await vi.waitFor(() => expect(asked).toBe(2))
    leaving.abort()
    await second
    await vi.waitFor(() => expect(gone).toBe(1))
    answer()
    expect((await first).text).toBe('late')
    expect((await get('/')).text).toBe('late')
    expect(runs).toBe(2)
  })

  test.each(Object.entries(AFTER_THE_END))(
    'an answer that its handler has given reaches its client, whatever comes after: %s',
    async (_name, fail) => {
      @Controller()
      class Given {
        @Get('sent')
        @CacheResponse({ ttl: '1m' })
        sent(
          @Req() request: Raw<IncomingMessage>,
          @Res() response: Raw<ServerResponse> & { send(text: string): void },
        ) {
          response.send('the answer')
          fail(rawOf(request), rawOf(response))
        }
        @Get('parts')
        @CacheResponse({ ttl: '1m' })
        parts(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>) {
          response.hijack?.()
          rawOf(response).write('the ')
          rawOf(response).end('answer')
          fail(rawOf(request), rawOf(response))
        }
      }
      const { get } = await start(adapter, moduleOf([Given]))
      for (const path of ['/sent', '/parts', '/sent']) expect((await get(path)).text).toBe('the answer')
    },
  )

  test.each(['a file', 'a pipeline'])(
    'a client that has gone before a write made its handler run again keeps nobody waiting: %s',
    SOON,
    async (how) => {
      const cache: Cache = createCache({ namespace: 'test', store: memoryStore() })
      onTestFinished(() => cache.close())
      let asked = 0
      let gone = 0
      let runs = 0
      let goOn = (): void => {}
      const going = new Promise<void>((resolve) => (goOn = resolve))
      async function* rows() {
        yield Buffer.from('one;')
        await going
        yield Buffer.from('two;')
      }
      @Controller()
      class Rows {
        @Get('file')
        @CacheResponse({ ttl: '1m', tags: ['rows'] })
        file() {
          runs++
          return new StreamableFile(Readable.from(rows()))
        }
        @Get('pipeline')
        @CacheResponse({ ttl: '1m', tags: ['rows'] })
        pipeline(@Res() response: Raw<ServerResponse>) {
          runs++
          response.hijack?.()
          pipeline(Readable.from(rows()), rawOf(response), () => {})
        }
      }
      const { get } = await start(adapter, moduleOf([Rows], { cache }), {
        configure(app) {
          const server = app.getHttpServer() as Server
          server.prependListener('request', (req: IncomingMessage) => {
            asked++
            req.socket.once('close', () => gone++)
          })
        },
      })
      const path = how === 'a file' ? '/file' : '/pipeline'
      const leaving = new AbortController()
      const first = get(path, { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(runs).toBe(1))
      const second = get(path, { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(asked).toBe(2))
      leaving.abort()
      await Promise.all([first, second])
      await vi.waitFor(() => expect(gone).toBe(2))
      await cache.invalidateTags(['rows'])
      const third = get(path)
      await vi.waitFor(() => expect(asked).toBe(3))
      goOn()
      expect((await third).text).toBe('one;two;')
      expect((await get(path)).text).toBe('one;two;')
      expect(runs).toBe(2)
    },
  )
})
