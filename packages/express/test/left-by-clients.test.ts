import type { Request, Response } from 'express'
import { createReadStream } from 'node:fs'
import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { finished, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

interface Emits {
  on(event: string, listener: () => void): unknown
}

/** Asks whether something has happened. */
function heard(of: Emits, ...events: readonly string[]): () => boolean {
  let isHeard = false
  for (const event of events) of.on(event, () => (isHeard = true))
  return () => isHeard
}

/** In which ways a handler can see that its client has gone. Each is made when it begins, and asked after that. */
const WAYS: Record<string, (req: Request, res: Response) => () => boolean> = {
  'req.aborted': (req) => () => req.aborted,
  'req.closed': (req) => () => req.closed,
  'req.destroyed': (req) => () => req.destroyed,
  'req.errored': (req) => () => req.errored !== null,
  'req.readable': (req) => () => !req.readable && !req.readableEnded,
  'req.readableAborted': (req) => () => req.readableAborted,
  'req.signal': (req) => () => (req as unknown as { signal?: AbortSignal }).signal?.aborted === true,
  'req.signal from the beginning': (req) => {
    const { signal } = req as unknown as { signal?: AbortSignal }
    return () => signal?.aborted === true
  },
  'events of req': (req) => heard(req, 'aborted', 'close', 'error'),
  'finished(req)': (req) => {
    let isFinished = false
    finished(req, () => (isFinished = true))
    return () => isFinished
  },
  'req.socket.destroyed': (req) => () => req.socket.destroyed,
  'req.socket.closed': (req) => () => req.socket.closed,
  'req.socket.readyState': (req) => () => req.socket.readyState !== 'open',
  'req.socket.readable': (req) => () => !req.socket.readable,
  'req.socket.readableEnded': (req) => () => req.socket.readableEnded,
  'req.socket.writable': (req) => () => !req.socket.writable,
  'req.connection.destroyed': (req) => () => req.connection.destroyed,
  'events of req.socket': (req) => heard(req.socket, 'end', 'close', 'error'),
  'finished(req.socket)': (req) => {
    let isFinished = false
    finished(req.socket, () => (isFinished = true))
    return () => isFinished
  },
  'res.destroyed': (_req, res) => () => res.destroyed,
  'res.closed': (_req, res) => () => res.closed,
  'res.writable': (_req, res) => () => !res.writable,
  'res.socket': (_req, res) => () => res.socket?.destroyed !== false,
  'res.connection': (_req, res) => () => res.connection?.writable !== true,
  'events of res': (_req, res) => heard(res, 'close', 'error'),
  'events of res.socket': (_req, res) => heard(res.socket!, 'end', 'close', 'error'),
}

const ROWS = ['one;', 'two;', 'three;']

const INPUTS = [undefined, 'off'] as const

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('for who leaves while he waits for another no handler runs', async () => {
    const { cache } = caching()
    const app = express()
    let [asked, gone, runs] = [0, 0, 0]
    let answer = (): void => {}
    const going = new Promise<void>((resolve) => (answer = resolve))
    app.use((_req: Request, res: Response, next: () => void) => {
      asked++
      res.on('close', () => void gone++)
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req: Request, res: Response) => {
      runs++
      void going.then(() => res.set('Cache-Control', 'private').send('late'))
    })
    const server = await serve(app as RequestListener)
    const first = server.get('/')
    await vi.waitFor(() => expect(runs).toBe(1))
    const leaving = new AbortController()
    const second = server.get('/', { signal: leaving.signal }).catch(() => {})
    await vi.waitFor(() => expect(asked).toBe(2))
    leaving.abort()
    await second
    await vi.waitFor(() => expect(gone).toBe(1))
    answer()
    expect((await first).text).toBe('late')
    expect((await server.get('/')).text).toBe('late')
    expect(runs).toBe(2)
  })
})

describe.each(FRAMEWORKS.flatMap((framework) => INPUTS.map((inputs) => ({ ...framework, inputs }))))(
  '$name, inputs: $inputs',
  ({ express, inputs }) => {
    /** A server whose handler has lost its client when it is told so, while another client waits. */
    async function left(
      handler: (req: Request, res: Response, gone: Promise<void>) => Promise<void>,
      maxFillTime = 4000,
    ) {
      const { cache } = caching({ maxFillTime })
      const app = express()
      let asked = 0
      let tellGone = (): void => {}
      const gone = new Promise<void>((resolve) => (tellGone = resolve))
      app.use((req, _res, next) => {
        if (++asked === 1) req.socket.once('close', () => setImmediate(tellGone))
        next()
      })
      app.use(cache({ ttl: '1m', ...(inputs && { inputs }) }), (req, res, next) => {
        handler(req, res, gone).catch(next)
      })
      const server = await serve(app as RequestListener)
      const leaving = new AbortController()
      const leader = server.get('/', { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(asked).toBe(1))
      const follower = server.get('/')
      await vi.waitFor(() => expect(asked).toBe(2))
      leaving.abort()
      await leader
      return { follower, later: () => server.get('/') }
    }

    test.each(Object.keys(WAYS))(
      'a handler that would stop for a client that has gone goes on for others: %s',
      async (name) => {
        let runs = 0
        const { follower, later } = await left(async (req, res, gone) => {
          runs++
          const isGone = WAYS[name]!(req, res)
          for (const row of ROWS) {
            if (isGone()) break
            res.write(row)
            await gone
            await turn()
          }
          res.end()
        })
        expect((await follower).text).toBe(ROWS.join(''))
        expect((await later()).text).toBe(ROWS.join(''))
        expect(runs).toBe(1)
      },
    )

    test.each(Object.keys(WAYS))(
      'a handler that would give a client that has gone no answer gives others theirs: %s',
      async (name) => {
        let runs = 0
        const { follower, later } = await left(async (req, res, gone) => {
          runs++
          const isGone = WAYS[name]!(req, res)
          await gone
          await turn()
          if (!isGone()) res.send('whole')
        })
        expect((await follower).text).toBe('whole')
        expect((await later()).text).toBe('whole')
        expect(runs).toBe(1)
      },
    )

    test('what was kept back is told by all of them once nobody waits any more', async () => {
      const untold = new Set(Object.keys(WAYS))
      let runs = 0
      const { later } = await left(async (req, res) => {
        if (++runs > 1) return void res.send('whole')
        const ways = Object.entries(WAYS).map(([name, way]) => [name, way(req, res)] as const)
        while (untold.size > 0) {
          for (const [name, isGone] of ways) if (isGone()) untold.delete(name)
          await turn()
        }
      }, 100)
      // neither has an end that can be seen: the head was never sent, and nothing went wrong
      const silent = ['req.errored', 'req.socket.readableEnded', 'res.writable']
      await vi.waitFor(() => expect([...untold].filter((name) => !silent.includes(name))).toEqual([]))
      untold.clear()
      expect((await later()).text).toBe('whole')
    })

    /** Whoever waits for the client that has gone has its answer long before a fill is given up. */
    async function soon<T>(answer: Promise<T>): Promise<T> {
      const askedAt = performance.now()
      const got = await answer
      expect(performance.now() - askedAt).toBeLessThan(5000)
      return got
    }
    const LONG = 15_000

    test('the error page of Express is made for a client that has gone as well, so that nobody waits for it', async () => {
      const { follower } = await left(async (_req, _res, gone) => {
        await gone
        throw new Error('fails')
      }, LONG)
      expect((await soon(follower)).status).toBe(500)
    })

    test('a request that came whole can be read when its client has gone', async () => {
      const { follower } = await left(async (req, res, gone) => {
        await gone
        await turn()
        await new Promise((resolve) => void req.on('end', resolve).resume())
        res.send('whole')
      }, LONG)
      expect((await soon(follower)).text).toBe('whole')
    })

    test('a request that is read to its end ends as without a cache', async () => {
      const { cache } = caching({ maxFillTime: LONG })
      const app = express()
      app.use(cache({ ttl: '1m', ...(inputs && { inputs }) }), async (req, res) => {
        for await (const _ of req);
        res.send('whole')
      })
      const server = await serve(app as RequestListener)
      expect((await soon(server.get('/'))).text).toBe('whole')
    })

    test('a request that did not come whole says so, and others do not wait for the rest', async () => {
      const { cache } = caching({ maxFillTime: LONG })
      const app = express()
      const begun: unknown[] = []
      app.use(cache({ ttl: '1m', ...(inputs && { inputs }) }), async (req, res) => {
        begun.push(req)
        try {
          for await (const _ of req);
          res.send('whole')
        } catch {
          res.status(400).send('broken')
        }
      })
      const server = await serve(app as RequestListener)
      const client = connect(server.port, '127.0.0.1')
      client.write('GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhalf')
      await vi.waitFor(() => expect(begun).toHaveLength(1))
      const follower = server.get('/')
      client.destroy()
      expect((await soon(follower)).text).toBe('whole')
    })

    test('a time-out in front that its client has left ends nothing but its own answer', async () => {
      const { cache } = caching({ maxFillTime: LONG })
      const app = express()
      let asked = 0
      app.use((_req, res, next) => {
        asked++
        const timer = setTimeout(() => next(new Error('too slow')), 100)
        res.once('close', () => clearTimeout(timer)).once('finish', () => clearTimeout(timer))
        next()
      })
      const isOver = new Promise((resolve) => setTimeout(resolve, 200))
      app.use(cache({ ttl: '1m', ...(inputs && { inputs }) }), (_req, res) => {
        void isOver.then(() => res.headersSent || res.send('late'))
      })
      const server = await serve(app as RequestListener)
      const leaving = new AbortController()
      const leader = server.get('/', { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(asked).toBe(1))
      const follower = server.get('/')
      await vi.waitFor(() => expect(asked).toBe(2))
      leaving.abort()
      await leader
      await soon(follower)
      // an uncaught error would fail the run
      expect((await soon(server.get('/'))).text).toBe('late')
    })

    test.each(['a file', 'bytes'])('HEAD hears of no end before its handler is done: %s', async (what) => {
      const { cache } = caching()
      const app = express()
      const told: unknown[] = []
      app.use(cache({ ttl: '1m', ...(inputs && { inputs }) }), async (_req, res) => {
        const from =
          what === 'a file' ? createReadStream(import.meta.filename) : Readable.from([Buffer.alloc(1e6), 'end'])
        await pipeline(from, res).then(
          () => told.push('done'),
          (error: unknown) => told.push(error),
        )
      })
      const server = await serve(app as RequestListener)
      expect((await server.get('/', { method: 'HEAD' })).status).toBe(200)
      await vi.waitFor(() => expect(told).toEqual(['done']))
    })
  },
)
