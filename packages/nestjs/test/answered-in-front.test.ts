import type { INestApplication } from '@nestjs/common'
import { Controller, Get, Res } from '@nestjs/common'
import type { FastifyInstance } from 'fastify'
import { describe, expect, test, vi } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

type IsLate = () => boolean

/** A time-out in front, as most applications have it. */
const TIME_OUTS = {
  Express: (app: INestApplication, isLate: IsLate) =>
    void app.use((_req: unknown, _res: unknown, next: (error?: Error) => void) => {
      if (isLate()) setTimeout(() => next(new Error('too slow')), 50)
      next()
    }),
  Fastify(app: INestApplication, isLate: IsLate) {
    const fastify = app.getHttpAdapter().getInstance() as FastifyInstance
    fastify.addHook('onRequest', (_request, reply, done) => {
      if (isLate()) setTimeout(() => void reply.code(500).send('too slow'), 50)
      done()
    })
  },
} as const

describe.each(PLATFORMS)('on $name', ({ adapter, name }) => {
  test('for whoever is answered in front while he waits for another no handler runs', async () => {
    let asked = 0
    let runs = 0
    let answer = (): void => {}
    const going = new Promise<void>((resolve) => (answer = resolve))
    @Controller()
    class Slow {
      @Get()
      @CacheResponse({ ttl: '1m' })
      async answer(@Res({ passthrough: true }) res: { header(name: string, value: string): unknown }) {
        runs++
        await going
        res.header('Cache-Control', 'no-store')
        return 'late'
      }
    }
    const { get } = await start(adapter, moduleOf([Slow]), {
      configure: (app) => TIME_OUTS[name](app, () => ++asked === 2),
    })
    const first = get('/')
    await vi.waitFor(() => expect(runs).toBe(1))
    expect((await get('/')).status).toBe(500)
    answer()
    expect((await first).text).toBe('late')
    // an uncaught error would fail the run
    expect((await get('/')).status).toBe(200)
    expect(runs).toBe(2)
  })
})
