import { expect, test } from 'vitest'

import type { Handler } from './serve.ts'
import { serve, settled } from './serve.ts'

const TTL = { ttl: '1m' } as const
const ALICE = { cookie: 'user=alice; lang=de' }
const BOB = { cookie: 'user=bob; lang=de' }

const greeting: Handler = (request, run) => new Response(`${request.headers.get('cookie')} in run ${run}`)

test('RFC 9111 §7.3: without a word about cookies, what was made for one is for nobody else', async () => {
  const { ask, requests } = serve(greeting, TTL)
  const answers = []
  for (const headers of [ALICE, BOB, ALICE, {}, ALICE]) answers.push((await ask('/x', headers)).text)
  expect(answers).toEqual([
    `${ALICE.cookie} in run 1`,
    `${BOB.cookie} in run 2`,
    `${ALICE.cookie} in run 3`,
    'null in run 4',
    `${ALICE.cookie} in run 5`,
  ])
  expect((await ask('/x')).text).toBe('null in run 4')
  expect(requests).toHaveLength(5)
})

const controlled = (control: string) => () => new Response('x', { headers: { 'cache-control': control } })

test('RFC 9111 §5.2.2.10: a response with s-maxage is for those with cookies too', async () => {
  const { ask, requests } = serve(controlled('s-maxage=60'), TTL)
  await ask('/x')
  expect((await ask('/x', ALICE)).cacheStatus).toMatch(/^hit/)
  await ask('/y', ALICE)
  expect((await ask('/y', BOB)).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(2)
})

test('what a sender of files says by itself frees nothing: the file may be one user’s', async () => {
  const { ask, requests } = serve(controlled('public, max-age=3600'), TTL)
  expect((await ask('/x', ALICE)).cacheStatus).toContain('detail=cookie')
  await ask('/x', BOB)
  await ask('/x')
  expect((await ask('/x', ALICE)).cacheStatus).toContain('detail=cookie')
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(4)
})

test('ignored cookies are not seen by the handler, and its response is for all', async () => {
  const { ask, requests } = serve(greeting, { ...TTL, cookies: 'ignore' })
  expect((await ask('/x', ALICE)).text).toBe('null in run 1')
  expect((await ask('/x', BOB)).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(1)
})

test.each([
  ['ignored', 'ignore', 'null'],
  ['part of the key', { vary: ['lang'] }, 'lang=de'],
] as const)(
  'what cookies are %s is kept where nothing was stored of late, and for HEAD',
  async (_what, cookies, seen) => {
    const reading: Handler = (request) =>
      new Response(`${request.headers.get('cookie')}`, {
        headers: {
          'x-seen': `${request.headers.get('cookie')}`,
          'x-made-of': `${request.headers.get('x-undeclared')}`,
        },
      })
    const { ask } = serve(reading, { ...TTL, cookies })
    const head = await ask('/x', ALICE, { method: 'HEAD' })
    const answers = [
      head,
      await ask('/x', ALICE),
      ...(await Promise.all(Array.from({ length: 3 }, () => ask('/x', ALICE)))),
    ]
    expect(answers.map(({ cacheStatus }) => cacheStatus).join()).toContain('not stored of late')
    for (const { headers } of answers) expect(headers.get('x-seen')).toBe(seen)
  },
)

test('cookies that are part of the key are those that the handler sees, and tell responses apart', async () => {
  const { ask, requests } = serve(greeting, { ...TTL, cookies: { vary: ['lang'] } })
  expect((await ask('/x', ALICE)).text).toBe('lang=de in run 1')
  expect((await ask('/x', BOB)).text).toBe('lang=de in run 1')
  expect((await ask('/x', { cookie: 'lang=en' })).text).toBe('lang=en in run 2')
  expect((await ask('/x', { cookie: 'user=carol' })).text).toBe('null in run 3')
  expect((await ask('/x')).text).toBe('null in run 3')
  expect(requests).toHaveLength(3)
})

test('a background refresh keeps the cookies of the key and no other', async () => {
  const { ask, pass, requests } = serve(greeting, {
    ttl: '10s',
    staleWhileRevalidate: '1m',
    cookies: { vary: ['lang'] },
  })
  await ask('/x', ALICE)
  await pass(15_000)
  await ask('/x', BOB)
  await settled()
  expect(requests[1]!.headers.get('cookie')).toBe('lang=de')
})

test('cookies tell apart what names look like too', async () => {
  const { ask } = serve(greeting, { ...TTL, cookies: { vary: ['lang'] } })
  expect((await ask('/x', { cookie: 'xlang=evil; lang=de' })).text).toContain('lang=de in run 1')
  expect((await ask('/x', { cookie: 'LANG=evil' })).text).toBe('null in run 2')
  expect((await ask('/x', { cookie: 'lang=de; lang=evil' })).text).toContain('run 3')
})

test('RFC 9111 §3.5: a token in Authorization is for the handler alone', async () => {
  const { ask, requests } = serve((request) => new Response(request.headers.get('authorization')), {
    ...TTL,
    cookies: 'ignore',
  })
  await ask('/x')
  const { text, cacheStatus } = await ask('/x', { authorization: 'Bearer alice' })
  expect([text, cacheStatus]).toEqual(['Bearer alice', 'fwd=bypass;detail=authorization'])
  expect((await ask('/x', { authorization: 'Bearer bob' })).text).toBe('Bearer bob')
  expect((await ask('/x')).text).toBe('')
  expect(requests).toHaveLength(3)
})

test('a route whose key has Authorization tells tokens apart', async () => {
  const { ask, requests } = serve(
    (request) => new Response(request.headers.get('authorization'), { headers: { vary: 'Authorization' } }),
    { ...TTL, headers: ['authorization'] },
  )
  for (const user of ['alice', 'bob', 'alice']) {
    expect((await ask('/x', { authorization: `Bearer ${user}` })).text).toBe(`Bearer ${user}`)
  }
  expect(requests).toHaveLength(2)
})

test('a refresh of what is kept for one token is made with this token, or not at all', async () => {
  const { ask, pass } = serve((request, run) => new Response(`${request.headers.get('authorization')} in run ${run}`), {
    ttl: '10s',
    staleWhileRevalidate: '1m',
    headers: ['authorization'],
  })
  await ask('/x', { authorization: 'Bearer alice' })
  await pass(15_000)
  expect((await ask('/x', { authorization: 'Bearer alice' })).text).toBe('Bearer alice in run 1')
  await settled()
  expect((await ask('/x', { authorization: 'Bearer alice' })).text).toMatch(/^Bearer alice in run/)
})

const COOKIES: [string, string][] = [
  ['set-cookie', 'a=1'],
  ['set-cookie', 'b=2'],
]
const setting: Handler = (_request, run) => new Response(`run ${run}`, { headers: COOKIES })

test('RFC 9111 §7.3: a response that sets a cookie is not stored', async () => {
  const { ask } = serve(setting, TTL)
  const first = await ask('/x')
  expect(first.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(first.cacheStatus).toContain('detail=set-cookie')
  expect((await ask('/x')).text).toBe('run 2')
})

test('stripped cookies reach whoever asked the handler, and nobody after that', async () => {
  const { ask } = serve(setting, { ...TTL, setCookie: 'strip' })
  const answers = await Promise.all([ask('/x'), ask('/x')])
  answers.push(await ask('/x'))
  expect(answers.map(({ text }) => text)).toEqual(['run 1', 'run 1', 'run 1'])
  expect(answers.map(({ headers }) => headers.getSetCookie().length)).toEqual([2, 0, 0])
})

test('stored cookies are set for all, each in a line of its own', async () => {
  const { ask } = serve(setting, { ...TTL, setCookie: 'store' })
  await ask('/x')
  const { text, headers } = await ask('/x')
  expect([text, headers.getSetCookie()]).toEqual(['run 1', ['a=1', 'b=2']])
})
