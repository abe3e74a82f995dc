import { expect, test } from 'vitest'

import type { Handler } from './serve.ts'
import { askDeciding, serve, settled } from './serve.ts'

const SELECTED = { ttl: '1m', headers: ['x-user'] } as const
const page: Handler = (request) => new Response(`page of ${request.headers.get('x-user')}`)
const stating: Handler = (request) =>
  new Response(`page of ${request.headers.get('x-user')}`, { headers: { 'cache-control': 'max-age=60' } })

/** What a cache behind is told of whom a response is for. */
const toldOf = (headers: Headers): readonly (string | null)[] => [headers.get('vary'), headers.get('cache-control')]

test.each([
  ['another method', { 'x-http-method-override': 'GET' }],
  ['a body', { 'transfer-encoding': 'chunked' }],
  ['a precondition', { 'if-match': '*' }],
  ['no-store', { 'cache-control': 'no-store' }],
  ['a cookie', { cookie: 'a=1' }],
])(
  'a request with %s is not looked up, and caches behind are told what selects its response',
  async (_what, headers) => {
    const { ask } = serve(stating, SELECTED)
    const asked = await ask('/x', { 'x-user': 'mallory', ...headers })
    expect([asked.text, ...toldOf(asked.headers)]).toEqual(['page of mallory', 'x-user', 'max-age=60'])
    const silent = await serve(page, SELECTED).ask('/x', { 'x-user': 'mallory', ...headers })
    expect(silent.headers.get('vary')).toBe('x-user')
    if (!('cookie' in headers)) expect(silent.headers.get('cache-control')).toBe('private, no-cache')
  },
)

test('what selects the responses of a route stands in those too that are not stored', async () => {
  const { ask } = serve((request) => {
    request.headers.get('x-api-key')
    return stating(request, 1)
  }, SELECTED)
  expect(toldOf((await ask('/x', { 'x-user': 'alice' })).headers)).toEqual(['x-user', 'private, max-age=60'])
  expect(toldOf((await ask('/x', { 'x-user': 'alice' })).headers)).toEqual(['x-user', 'private, max-age=60'])
})

test('a response that is one client’s is private each time, also where that is known by now', async () => {
  const { ask } = serve((request) => new Response(`page of ${request.headers.get('x-api-key')}`), { ttl: '1m' })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/x', { 'x-api-key': 'alice' })))
  for (let i = 0; i < 5; i++) answers.push(await ask('/x', { 'x-api-key': 'alice' }))
  expect(new Set(answers.map(({ headers }) => headers.get('cache-control')))).toEqual(new Set(['private, no-cache']))
})

test('a response that is only too large is no client’s, also where that is known by now', async () => {
  const { ask } = serve(() => new Response('x'.repeat(200)), { ttl: '1m', maxBodySize: 100 })
  const controls = []
  for (let i = 0; i < 5; i++) controls.push((await ask('/x')).headers.get('cache-control'))
  expect(controls).not.toContain('private, no-cache')
})

/** A body whose second part is made after the head has gone out. */
function afterHead(read: () => string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode('<p>'))
      await settled()
      controller.enqueue(encoder.encode(read()))
      controller.close()
    },
  })
}

test('a CDN keeps nothing of a response that is judged when its head has gone out', async () => {
  const { ask } = serve((request) => new Response(afterHead(() => `${request.headers.get('x-api-key')}`)), {
    ttl: '1m',
    cdn: 'fastly',
  })
  const { text, headers } = await ask('/x', { 'x-api-key': 'alice' })
  expect(text).toBe('<p>alice')
  expect(headers.get('cache-control')).not.toContain('s-maxage=60')
  expect(headers.get('cdn-cache-control')).toBeNull()
})

test('a CDN keeps what is stored, from its next request on', async () => {
  const { ask } = serve(() => new Response(afterHead(() => 'page')), { ttl: '1m', cdn: 'fastly' })
  await ask('/x')
  expect((await ask('/x')).headers.get('cdn-cache-control')).toBe('max-age=60')
})

test('a CDN keeps nothing of what the handler decides not to store', async () => {
  const served = serve(page, { cdn: 'fastly' })
  const ask = askDeciding(served, { ttl: '1m' }, (decisions) => {
    decisions.noStore()
    return new Response('page')
  })
  expect(toldOf((await ask('/x')).headers)).toEqual([null, 'private, no-cache'])
})
