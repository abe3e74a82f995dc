import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('a connection goes on to its next request although the handler of the one before is not done', async () => {
    const { cache } = caching()
    const app = express()
    let end = (): void => {}
    let heard = 0
    app.get('/slow', cache({ ttl: '1m' }), (_req, res) => {
      res.on('finish', () => heard++)
      res.set('ETag', '"1"').write('slow')
      end = () => void res.end('ly')
    })
    app.get('/next', (_req, res) => void res.end('next.'))
    const server = await serve(app)
    const socket = connect(server.port, '127.0.0.1')
    const ask = (path: string, more = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${more}\r\n`
    let got = ''
    socket.setEncoding('utf8').on('data', (more: string) => (got += more))
    socket.write(ask('/slow', 'If-None-Match: "1"\r\n'))
    await vi.waitFor(() => expect(got).toMatch(/^HTTP\/1.1 304 /))
    socket.write(ask('/next') + ask('/next'))
    await vi.waitFor(() => expect(got).toMatch(/next\.[^]*next\./))
    expect(heard).toBe(0)
    const follower = server.get('/slow')
    end()
    expect((await follower).text).toBe('slowly')
    expect(heard).toBe(1)
    socket.destroy()
  })

  test('who is told of the end too late is told after maxFillTime at the latest', async () => {
    const { cache } = caching({ maxFillTime: 100 })
    const app = express()
    const heard: string[] = []
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      for (const event of ['finish', 'close']) res.on(event, () => heard.push(event))
      res.set('ETag', '"1"').write('never more')
    })
    const server = await serve(app)
    expect((await server.get('/', { headers: { 'if-none-match': '"1"' } })).status).toBe(304)
    expect(heard).toEqual([])
    await vi.waitFor(() => expect(heard).toEqual(['finish', 'close']))
  })

  test('a handler that is too slow may go on when something stale has been sent in its place', async () => {
    const { cache } = caching({ maxFillTime: 50 })
    const app = express()
    const failures: unknown[] = []
    let runs = 0
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => (open = resolve))
    app.get('/', cache({ ttl: 20, staleWhileRevalidate: 0, staleIfError: '1m' }), async (_req, res) => {
      const run = ++runs
      if (run === 2) await opened
      try {
        res.set('X-Run', String(run)).send(`run ${run}`)
      } catch (error) {
        failures.push(error)
      }
    })
    const server = await serve(app)
    await server.get('/')
    await soon(40)
    expect((await server.get('/')).text).toBe('run 1')
    open()
    await soon(20)
    expect(failures).toEqual([])
    for (const _ of [1, 2]) {
      const got = await server.get('/')
      expect(got.text).toBe(`run ${got.header('x-run')}`)
    }
  })
})
