import type { RequestListener } from 'node:http'
import { describe, expect, test, vi } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('a time-out in front that answers those who wait, when the first client has left, ends nothing', async () => {
    const { cache } = caching()
    const app = express()
    const late: boolean[] = []
    const inFront: Parameters<typeof app.get>[1] = (_req, _res, next) => {
      late.push(false)
      const index = late.length - 1
      setTimeout(() => {
        late[index] = true
        next(new Error('too slow'))
      }, 80)
      next()
    }
    // the handler never answers whoever was told so
    app.get('/', inFront, cache({ ttl: '1m' }), () => {})
    const server = await serve(app as RequestListener)
    const leaving = new AbortController()
    const leader = server.get('/', { signal: leaving.signal }).catch(() => {})
    await vi.waitFor(() => expect(late).toHaveLength(1))
    const others = [server.get('/'), server.get('/')]
    await vi.waitFor(() => expect(late).toHaveLength(3))
    leaving.abort()
    await leader
    // an uncaught error would fail the run
    for (const { status } of await Promise.all(others)) expect(status).toBe(500)
  })
})
