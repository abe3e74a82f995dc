import { mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, pipeline } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Response } from 'express'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { onFinished } from './libraries.ts'
import type { Server } from './serve.ts'
import { serve } from './serve.ts'

const large = Buffer.alloc(2 ** 20, 'large ')
const file = join(mkdtempSync(join(tmpdir(), 'shelflife-')), 'large.txt')
writeFileSync(file, large)

const soon = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms))

/** Asks, and goes away: at once, or with the first bytes. */
function askAndLeave({ port }: Server, when: 'at once' | 'with the first bytes'): Promise<void> {
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', agent: false })
    sent.on('close', () => resolve())
    sent.on('error', () => {})
    if (when === 'at once')
      sent.on('socket', (socket) => socket.on('connect', () => setTimeout(() => sent.destroy(), 10)))
    sent.on('response', (response) => {
      response.on('error', () => {})
      response.once('data', () => sent.destroy())
    })
    sent.end()
  })
}

/** Handlers that need a while, so that the client has gone before they are done. */
const SLOW: Readonly<Record<string, (res: Response) => Promise<unknown>>> = {
  send: async (res) => {
    await soon(50)
    res.type('text').send(large)
  },
  sendFile: async (res) => {
    await soon(50)
    res.sendFile(file, { cacheControl: false })
  },
  pipe: async (res) => {
    await soon(50)
    Readable.from([large.subarray(0, 10), large.subarray(10)]).pipe(res)
  },
  pipeline: async (res) => {
    await soon(50)
    pipeline(Readable.from([large.subarray(0, 10), large.subarray(10)]), res, () => {})
  },
  'write and end': async (res) => {
    res.write(large.subarray(0, 10))
    await soon(50)
    res.end(large.subarray(10))
  },
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  describe.each(['at once', 'with the first bytes'] as const)('a client that goes away %s', (when) => {
    test.each(Object.entries(SLOW))('does not end the fill of others with %s', async (_name, answer) => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      let logged = 0
      app.use((_req, res, next) => {
        onFinished(res, () => logged++)
        next()
      })
      app.get('/', cache({ ttl: '1m' }), (_req, res) => {
        runs++
        void answer(res)
      })
      const server = await serve(app)
      const leaving = askAndLeave(server, when)
      await vi.waitFor(() => expect(runs).toBe(1), { timeout: 10_000 })
      const follower = server.get('/')
      await leaving
      expect((await follower).body.equals(large)).toBe(true)
      expect((await server.get('/')).body.equals(large)).toBe(true)
      expect([runs, logged]).toEqual([1, 3])
    })
  })

  test('a miss is sent while it is made', async () => {
    const { cache } = caching()
    const app = express()
    const source = new PassThrough()
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void source.pipe(res))
    const { port } = await serve(app)
    const sent = request({ port, host: '127.0.0.1', agent: false })
    const first = new Promise<string>((resolve) => {
      sent.on('response', (response) => response.once('data', (chunk: Buffer) => resolve(chunk.toString())))
    })
    sent.end()
    source.write('first')
    expect(await first).toBe('first')
    source.end()
  })

  test('flushed headers arrive before there is a body', async () => {
    const { cache } = caching()
    const app = express()
    let end = (): void => {}
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      res.set('X-Early', '1').flushHeaders()
      end = () => void res.end('late')
    })
    const { port } = await serve(app)
    const sent = request({ port, host: '127.0.0.1', agent: false })
    const arrived = new Promise<string>((resolve, reject) => {
      sent.on('response', (response) => {
        expect(response.headers['x-early']).toBe('1')
        text(response).then(resolve, reject)
        end()
      })
    })
    sent.end()
    expect(await arrived).toBe('late')
  })

  test('who writes more than the client takes is told to wait', async () => {
    const { cache } = caching({ maxBodySize: 1024 })
    const app = express()
    const chunk = Buffer.alloc(64 * 1024)
    let written = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      const source = new Readable({
        read() {
          written += chunk.length
          this.push(written > 2 ** 27 ? null : chunk)
        },
      })
      source.pipe(res)
    })
    const { port } = await serve(app)
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.pause()
    await soon(200)
    const before = written
    await soon(200)
    expect(written).toBe(before)
    expect(written).toBeLessThan(2 ** 26)
    socket.destroy()
  })

  test('events are handed on one by one, and their handler is told when the client goes', async () => {
    const { cache } = caching()
    const app = express()
    let closed = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.write('data: 1\n\n')
      res.on('close', () => closed++)
    })
    const server = await serve(app)
    await askAndLeave(server, 'with the first bytes')
    await vi.waitFor(() => expect(closed).toBe(1), { timeout: 10_000 })
  })

  test('a response that its handler breaks off is broken off for the client, and not stored', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res, next) => {
      runs++
      res.write('a part')
      setTimeout(
        () => (runs === 1 ? next(new Error('late')) : runs === 2 ? res.destroy() : res.end(' and the rest')),
        5,
      )
    })
    app.use((_error: unknown, req: { socket: { destroy(): void } }, _res: unknown, _next: unknown) =>
      req.socket.destroy(),
    )
    const server = await serve(app)
    await expect(server.get('/')).rejects.toThrow()
    await expect(server.get('/')).rejects.toThrow()
    expect((await server.get('/')).text).toBe('a part and the rest')
  })

  test('a handler that destroys the response before it has begun breaks the connection off', async () => {
    const { cache } = caching()
    const app = express()
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.destroy())
    const server = await serve(app)
    await expect(server.get('/')).rejects.toThrow()
  })

  test('requests sent ahead on one connection are answered in their order', async () => {
    const { cache } = caching()
    const app = express()
    app.get('/', cache({ ttl: '1m' }), (req, res) => {
      setTimeout(() => res.end(`answer ${Number(req.query['q'])}.`), 10 - 3 * Number(req.query['q']))
    })
    const { port } = await serve(app)
    const socket = connect(port, '127.0.0.1')
    const ask = (q: number, more = ''): string => `GET /?q=${q} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
    socket.write(ask(0) + ask(1) + ask(2) + ask(0) + ask(3, 'Connection: close\r\n'))
    const answers = [...(await text(socket)).matchAll(/answer (\d)\./g)].map(([, q]) => Number(q))
    expect(answers).toEqual([0, 1, 2, 0, 3])
  })
})
