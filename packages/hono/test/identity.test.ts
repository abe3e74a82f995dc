import type { Context, MiddlewareHandler } from 'hono'
import { jwt, sign } from 'hono/jwt'
import { secureHeaders } from 'hono/secure-headers'
import { stream } from 'hono/streaming'
import { describe, expect, test } from 'vitest'

import type { AnyEnv } from './routed.ts'
import { leaving, routed, said } from './routed.ts'

describe('identity that was left in front', () => {
  test.each(['user', 'session', 'account', 'tenant', 'currentUser', 'memberProfile', 'clerkAuth'])(
    'c.var.%s makes a response that nobody else gets, without a word on the console',
    async (name) => {
      const { read, noted } = await routed(
        leaving((c, who) => c.set(name, who)),
        (c) => said(c, c.get(name)),
      )
      for (const who of ['alice', 'bob', 'alice']) {
        const { body, status } = await read({ 'x-who': who })
        expect(body).toBe(`for ${who}`)
        expect(status).not.toMatch(/hit|;stored/)
      }
      expect(noted).toEqual([])
    },
  )

  test('that there is nobody is an answer of that kind, too', async () => {
    const { read } = await routed(
      leaving((c, who) => c.set('user', who)),
      (c) => said(c, c.get('user') ?? 'nobody'),
    )
    await read()
    expect((await read({ 'x-who': 'alice' })).body).toBe('for alice')
    expect((await read()).body).toBe('for nobody')
  })

  test('the payload of the jwt middleware with a cookie is, whatever is declared about cookies', async () => {
    const secret = 'secret'
    const cookieOf = async (who: string) => ({ Cookie: `token=${await sign({ sub: who }, secret)}` })
    for (const options of [{}, { cookies: 'ignore' }, { cookies: { vary: ['lang'] } }] as const) {
      const { read } = await routed(
        jwt({ secret, alg: 'HS256', cookie: 'token' }),
        (c) => said(c, (c.get('jwtPayload') as { sub: string }).sub),
        options,
      )
      for (const who of ['alice', 'bob', 'alice']) expect((await read(await cookieOf(who))).body).toBe(`for ${who}`)
    }
  })

  test('the nonce of secure headers is', async () => {
    const { read } = await routed(
      secureHeaders({ contentSecurityPolicy: { scriptSrc: [(c) => `'nonce-${c.get('secureHeadersNonce') ?? ''}'`] } }),
      (c) => said(c, c.get('secureHeadersNonce') ?? c.get('user')),
    )
    for (let i = 0; i < 2; i++) expect((await read()).status).not.toMatch(/hit|;stored/)
  })

  const BODIES: Readonly<Record<string, (c: Context<AnyEnv>) => Response>> = {
    'a stream writes after the head': (c) =>
      stream(c, async (to) => {
        await to.write('for ')
        await to.sleep(5)
        await to.write((c.get('session') as { who: string }).who)
      }),
    'a body reads when it is asked for more'(c) {
      let step = 0
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            await new Promise((resolve) => void setTimeout(resolve, 5))
            const text = step++ === 0 ? 'for ' : (c.var['session'] as { who: string }).who
            controller.enqueue(new TextEncoder().encode(text))
            if (step > 1) controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      return c.body(body)
    },
  }
  const FRONTS = { 'are through': 0, 'are still at work': 40 } as const

  for (const [when, busy] of Object.entries(FRONTS)) {
    test.each(Object.entries(BODIES))(
      `a session that %s counts while middlewares in front ${when}`,
      async (_, make) => {
        const front: MiddlewareHandler = async (c, next) => {
          c.set('session', { who: c.req.header('x-who') })
          await next()
          if (busy > 0) await new Promise((resolve) => void setTimeout(resolve, busy))
        }
        const { read } = await routed(front, make)
        for (const who of ['alice', 'bob', 'alice']) expect((await read({ 'x-who': who })).body).toBe(`for ${who}`)
      },
    )
  }
})

test('a session counts that a stream reads after its client was told that nothing has changed', async () => {
  const { read } = await routed(
    leaving((c, who) => c.set('session', { who })),
    (c) => {
      c.header('ETag', '"a"')
      return stream(c, async (to) => {
        await to.write('for ')
        await to.sleep(10)
        await to.write((c.get('session') as { who: string }).who)
      })
    },
  )
  await read({ 'x-who': 'alice', 'If-None-Match': '*' })
  expect((await read({ 'x-who': 'bob' })).body).toBe('for bob')
})
