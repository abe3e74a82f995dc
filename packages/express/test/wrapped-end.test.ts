import type { Request, RequestHandler, Response } from 'express'
import { describe, expect, test } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

/** Says how long it took, as many write it by themselves: when the answer ends or begins. */
const timed: RequestHandler = (_req, res, next) => {
  const { end, write } = res
  const tell = (): void => {
    if (!res.headersSent) res.setHeader('X-Took', '1')
  }
  res.end = ((...args: unknown[]) => {
    tell()
    return Reflect.apply(end, res, args) as Response
  }) as Response['end']
  res.write = ((...args: unknown[]) => {
    tell()
    return Reflect.apply(write, res, args) as boolean
  }) as Response['write']
  next()
}

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('who wraps `end` and `write` in front of the cache sets headers there, whatever is answered', async () => {
    const { cache } = caching()
    const app = express()
    app.use(timed)
    const handlers: Readonly<Record<string, (req: Request, res: Response) => void>> = {
      '/json': (_req, res) => void res.json({ a: 1 }),
      '/stream': (_req, res) => {
        res.write('some')
        setImmediate(() => res.end('thing'))
      },
      '/private': (_req, res) => void res.set('Cache-Control', 'private').send('mine'),
    }
    for (const [path, handler] of Object.entries(handlers)) app.all(path, cache({ ttl: '1m' }), handler)
    const { get } = await serve(app)
    for (const path of Object.keys(handlers)) {
      const first = await get(path)
      const again = await get(path)
      const head = await get(path, { method: 'HEAD' })
      const same = await get(path, { headers: { 'if-none-match': first.header('etag') ?? '*' } })
      const post = await get(path, { method: 'POST' })
      for (const answer of [first, again, head, same, post]) expect(answer.header('x-took'), path).toBe('1')
      expect([first.text, again.text, post.text]).toEqual([first.text, first.text, first.text])
      expect([first.status, again.status, head.status, post.status]).toEqual([200, 200, 200, 200])
    }
  })
})
