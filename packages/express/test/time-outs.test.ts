import type { Request, Response } from 'express'
import type { Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

/** Much less than a fill may take. */
const SOON = { timeout: 10_000 }

/** Of a time-out, in milliseconds: more than it takes to ask twice and to leave. */
const TIME = 250

type SetTimeOut = (req: Request, res: Response, heard?: () => void) => unknown

/** In which ways a handler can set a time-out for its answer. */
const TIME_OUTS: Readonly<Record<string, SetTimeOut>> = {
  'res.setTimeout()': (_req, res, heard) => res.setTimeout(TIME, heard),
  'req.setTimeout()': (req) => req.setTimeout(TIME),
  'req.socket.setTimeout()': (req, _res, heard) => req.socket.setTimeout(TIME, heard),
}

/** What a handler can do when its time is over, by what it is given of the connection. */
const ENDINGS: Readonly<Record<string, SetTimeOut>> = {
  ...TIME_OUTS,
  'res.setTimeout() and its socket': (_req, res) =>
    res.setTimeout(TIME, ((socket: Socket) => socket.destroy()) as never),
  'req.setTimeout() and its socket': (req) => {
    req.setTimeout(TIME)
    req.res?.on('timeout', (socket: Socket) => socket.destroy())
  },
  'req.socket.setTimeout() and this': (req, res) => {
    // Node ends nothing itself where somebody has listened
    res.on('timeout', () => {})
    req.socket.setTimeout(TIME, function (this: Socket) {
      this.destroy()
    } as never)
  },
}

/** In which ways something in front can set a time-out for its client. */
const IN_FRONT: Readonly<Record<string, SetTimeOut>> = {
  ...TIME_OUTS,
  'res.setTimeout() and req.socket.destroy()': (req, res) => res.setTimeout(TIME, () => req.socket.destroy()),
  'res.setTimeout() and its socket': (_req, res) =>
    res.setTimeout(TIME, ((socket: Socket) => socket.destroy()) as never),
  'res.setTimeout() and res.destroy()': (_req, res) => res.setTimeout(TIME, () => res.destroy()),
  'res.setTimeout() and req.destroy()': (req, res) => res.setTimeout(TIME, () => req.destroy()),
  'a timer and the socket': ({ socket }) => setTimeout(() => socket.destroy(), TIME),
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test.each(Object.entries(IN_FRONT))(
    'a time-out in front is that of its client alone: %s',
    SOON,
    async (_name, set) => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      let asked = 0
      let tellGone = (): void => {}
      const gone = new Promise<void>((resolve) => (tellGone = resolve))
      const told: string[] = []
      app.use((req, res, next) => {
        if (++asked > 1) return next()
        set(req, res)
        req.socket.once('close', () => setImmediate(tellGone))
        next()
      })
      app.get('/', cache({ ttl: '1m' }), async (req, res) => {
        runs++
        for (const event of ['aborted', 'close']) req.on(event, () => told.push(event))
        await gone
        res.send(`whole, ${told.length} told`)
      })
      const server = await serve(app)
      const leader = server.get('/').catch(() => 'gone')
      await vi.waitFor(() => expect(runs).toBe(1))
      const follower = server.get('/')
      expect(await leader).toBe('gone')
      expect((await follower).text).toBe('whole, 0 told')
      expect((await server.get('/')).text).toBe('whole, 0 told')
      expect(runs).toBe(1)
    },
  )

  test('who waits for the same waits no longer than the time-out of a handler', SOON, async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      if (++runs > 1) res.send('whole')
      else res.setTimeout(2000)
    })
    const server = await serve(app)
    const leader = server.get('/').catch(() => {})
    await vi.waitFor(() => expect(runs).toBe(1))
    const askedAt = performance.now()
    expect((await server.get('/')).text).toBe('whole')
    expect(performance.now() - askedAt).toBeLessThan(3500)
    await leader
  })

  describe.each(Object.entries(ENDINGS))('a time-out that a handler sets by %s', (_name, setTimeOut) => {
    test.each(['stays', 'leaves', 'has left'])(
      'keeps nobody waiting who waits for the same: its client %s',
      SOON,
      async (client) => {
        const { cache } = caching()
        const app = express()
        let runs = 0
        let asked = 0
        let tellLeft = (): void => {}
        const left = new Promise<void>((resolve) => (tellLeft = resolve))
        app.use((req, _res, next) => {
          if (++asked === 1) req.socket.once('close', () => setImmediate(tellLeft))
          next()
        })
        app.get('/', cache({ ttl: '1m' }), async (req, res) => {
          if (++runs > 1) return void res.end('whole')
          if (client === 'has left') await left
          setTimeOut(req, res)
        })
        const server = await serve(app)
        const leaving = new AbortController()
        const leader = server.get('/', { signal: leaving.signal }).catch(() => {})
        await vi.waitFor(() => expect(runs).toBe(1))
        const follower = server.get('/')
        await vi.waitFor(() => expect(asked).toBe(2))
        if (client !== 'stays') leaving.abort()
        await leader
        expect((await follower).text).toBe('whole')
        expect((await server.get('/')).text).toBe('whole')
      },
    )
  })

  test.each(['res.setTimeout()', 'req.socket.setTimeout()'])(
    'what a handler does when its time-out is over it does for those who wait as well: %s',
    SOON,
    async (name) => {
      const { cache } = caching()
      const app = express()
      let runs = 0
      let asked = 0
      app.use((_req, _res, next) => {
        asked++
        next()
      })
      app.get('/', cache({ ttl: '1m' }), (req, res) => {
        runs++
        TIME_OUTS[name]?.(req, res, () => res.end('what there is'))
      })
      const server = await serve(app)
      const leaving = new AbortController()
      const leader = server.get('/', { signal: leaving.signal }).catch(() => {})
      await vi.waitFor(() => expect(runs).toBe(1))
      const follower = server.get('/')
      await vi.waitFor(() => expect(asked).toBe(2))
      leaving.abort()
      await leader
      expect((await follower).text).toBe('what there is')
      expect(runs).toBe(1)
    },
  )

  test('what goes on being written is not over', SOON, async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), async (req, res) => {
      runs++
      res.setTimeout(TIME)
      for (let part = 0; part < 8; part++) {
        res.write('part;')
        await new Promise((resolve) => setTimeout(resolve, TIME / 4))
      }
      res.end()
    })
    const server = await serve(app)
    const leaving = new AbortController()
    await server.get('/', { signal: leaving.signal }, () => leaving.abort()).catch(() => {})
    expect((await server.get('/')).text).toBe('part;'.repeat(8))
    expect(runs).toBe(1)
  })
})
