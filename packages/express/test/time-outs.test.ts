import type { Request, Response } from 'express'
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

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  describe.each(Object.entries(TIME_OUTS))('a time-out that a handler sets by %s', (_name, setTimeOut) => {
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
