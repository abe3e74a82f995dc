import { expect, test } from 'vitest'

import type { Incoming } from '../src/index.ts'
import { incomingOf } from '../src/index.ts'
import type { Front, Options } from './application.ts'
import { application, TTL } from './application.ts'

/** A client for whom this was left. */
const withLeft = (who: string, left: Incoming['left'], more: Front = {}): Front => ({
  who,
  ...more,
  incoming: { left, ...more.incoming },
})

const ALICE = withLeft('alice', ['req.isBeta'])
const BOB: Front = { who: 'bob' }

/** An application that answers with who asks. */
const greeting = (options: Options = TTL, headers: Record<string, string> = {}) =>
  application((_how, who) => new Response(`for ${who}`, { headers }), options)

/** What caches behind are told of copies. */
const toldOf = (headers: Headers): readonly (string | null)[] =>
  ['vary', 'cache-control', 'cdn-cache-control'].map((name) => headers.get(name))

test('what is there for some clients only tells their responses from those of others', async () => {
  const app = greeting()
  for (const front of [ALICE, BOB]) {
    expect((await app.ask('/x', front)).text).toBe(`for ${front.who}`)
    expect(await app.ask('/x', front)).toMatchObject({ text: `for ${front.who}`, cacheStatus: 'hit;ttl=60' })
  }
  expect(app.runs()).toBe(2)
})

test.each([
  ['what says nothing about an answer', ['req.requestId'], {}],
  ['what is declared', ['req.isBeta'], { unkeyed: ['req.isBeta'] }],
  ['what is declared for all routes in other letters', ['req.isBeta'], { unkeyed: ['REQ.ISBETA'] }],
  ['a status that is declared', [['res.statusCode', 404]], { unkeyed: ['res.statusCode'] }],
  ['anything where nothing is watched', ['req.user'], { inputs: 'off' }],
] as const)('%s does not', async (_what, left, options) => {
  const app = greeting({ ...TTL, ...options, browserTtl: '1m' })
  await app.ask('/x', withLeft('alice', left))
  const { text, cacheStatus, headers } = await app.ask('/x', BOB)
  expect([text, cacheStatus, headers.get('vary')]).toEqual(['for alice', 'hit;ttl=60', null])
  expect(headers.get('cache-control')).toContain('max-age=60')
})

test('a status counts by its value', async () => {
  const app = greeting()
  const asked = [404, 403].map((status) => withLeft(`${status}`, [['res.statusCode', status]]))
  for (const front of [...asked, ...asked]) expect((await app.ask('/x', front)).text).toBe(`for ${front.who}`)
  expect(app.runs()).toBe(2)
})

test('no name can be taken for two, nor for what chose the handler', async () => {
  const app = greeting()
  const fronts = [
    withLeft('1', ['req.a', 'req.b']),
    withLeft('2', ['req.a,req.b']),
    withLeft('3', [['req.a', 200]]),
    withLeft('4', undefined, { incoming: { selection: { id: 'req.a', by: [] } } }),
  ]
  for (const front of fronts) expect((await app.ask('/x', front)).text).toBe(`for ${front.who}`)
})

test.each([
  ['8192 characters', 8192, 'hit;ttl=60'],
  ['more', 8193, undefined],
])('%s of names that clients may have chosen are looked up', async (_what, size, expected) => {
  const left = [`req.${'a'.repeat(4092)}`, `req.${'b'.repeat(size - 4100)}`]
  const app = greeting()
  const ask = async () => (await app.ask('/x', withLeft('alice', left))).cacheStatus
  if (expected === undefined) return expect(ask()).rejects.toThrow('passed: shelflife;fwd=bypass;detail=target')
  await ask()
  expect(await ask()).toBe(expected)
})

test.each(['fastly', 'cloudflare'] as const)(
  'nobody behind keeps what was chosen by what was left, nor what was chosen by its absence: %s',
  async (cdn) => {
    const app = greeting({ ...TTL, cdn, browserTtl: '1m' } as never)
    const none = ['*', 'private, no-cache', null]
    expect(toldOf((await app.ask('/first', BOB)).headers)).toEqual([null, 'max-age=60, s-maxage=60', 'max-age=60'])
    for (const front of [ALICE, BOB]) {
      for (const path of ['/miss', '/first']) {
        await app.ask(path, front)
        const hit = await app.ask(path, front)
        expect([hit.cacheStatus, ...toldOf(hit.headers)]).toEqual(['hit;ttl=60', ...none])
      }
      expect(toldOf((await app.ask(`/${front.who}`, front)).headers)).toEqual(none)
    }
  },
)

test.each([
  ['a 304', { 'if-none-match': '"1"' }, 304],
  ['a part', { range: 'bytes=0-1' }, 206],
  ['no part', { range: 'bytes=99-' }, 416],
])('%s says so as well, of what is stored and of what is made for it', async (_what, headers, status) => {
  const app = greeting(TTL, { etag: '"1"' })
  for (const path of ['/x', '/x']) {
    const answer = await app.ask(path, { ...ALICE, headers })
    expect([answer.status, ...toldOf(answer.headers)]).toEqual([status, '*', 'private, no-cache', null])
  }
})

test('HEAD says so as well', async () => {
  const app = greeting()
  const head: Front = { ...ALICE, incoming: { ...ALICE.incoming, method: 'HEAD' } }
  for (const front of [head, ALICE, head]) {
    expect(toldOf((await app.ask('/x', front)).headers)).toEqual(['*', 'private, no-cache', null])
  }
})

test('what is not stored says so as well', async () => {
  const app = application(() => new Response('x', { status: 500 }))
  expect(toldOf((await app.ask('/x', ALICE)).headers)).toEqual(['*', 'private, no-cache', null])
})

test('what the handler says of copies stays, beside a Vary that none can match', async () => {
  const app = greeting(TTL, { 'cache-control': 'public, max-age=60', vary: 'accept' })
  for (const _ of [1, 2]) {
    expect(toldOf((await app.ask('/x', ALICE)).headers)).toEqual(['*', 'public, max-age=60', null])
  }
})

test('what is stored does not say so: a 304 of the handler confirms it, and the stale one is refreshed', async () => {
  let runs = 0
  const app = application(
    (_how, _who, request) => {
      const isAsked = request.headers.get('if-none-match') === '"1"'
      return new Response(isAsked ? null : `run ${++runs}`, { status: isAsked ? 304 : 200, headers: { etag: '"1"' } })
    },
    { ttl: '10s', staleWhileRevalidate: '1m' },
  )
  await app.ask('/x', ALICE)
  await app.pass(15_000)
  const stale = await app.ask('/x', ALICE)
  expect([stale.cacheStatus, ...toldOf(stale.headers)]).toEqual([
    'hit;ttl=-5;detail=stale',
    '*',
    'private, no-cache',
    null,
  ])
  const refreshed = await app.ask('/x', ALICE)
  expect([refreshed.text, refreshed.cacheStatus, ...toldOf(refreshed.headers)]).toEqual([
    'run 1',
    'hit;ttl=10',
    '*',
    'private, no-cache',
    null,
  ])
  await app.pass(100_000)
  // by the client that waits for it
  expect((await app.ask('/x', ALICE)).text).toBe('run 1')
  expect((await app.ask('/x', ALICE)).cacheStatus).toBe('hit;ttl=10')
})

test('what was chosen by what nobody can follow is no copy of Fastly either, and a 304 confirms it', async () => {
  const app = application(
    (_how, _who, request) => {
      const isAsked = request.headers.get('if-none-match') === '"1"'
      return new Response(isAsked ? null : 'x', { status: isAsked ? 304 : 200, headers: { etag: '"1"' } })
    },
    { ttl: '10s', staleWhileRevalidate: 0, cdn: 'fastly' } as never,
  )
  const chosen: Front = { incoming: { selection: { id: 'v1', by: '*' } } }
  expect(toldOf((await app.ask('/x', chosen)).headers)).toEqual(['*', 'private, no-cache', null])
  await app.pass(15_000)
  await app.ask('/x', chosen)
  const { cacheStatus, headers } = await app.ask('/x', chosen)
  expect([cacheStatus, ...toldOf(headers)]).toEqual(['hit;ttl=10', '*', 'private, no-cache', null])
})

test('a write to a URI makes all of its responses void, whatever was left for them', async () => {
  const app = greeting()
  for (const front of [ALICE, BOB]) await app.ask('/x', front)
  const { method: _get, ...uri } = { method: 'GET', scheme: 'http', authority: 'a.test', target: '/x' }
  await app.responses.invalidate({
    incoming: { ...uri, method: 'PUT', header: () => undefined },
    status: 204,
    headers: [],
    tags: [],
  })
  for (const front of [ALICE, BOB]) expect((await app.ask('/x', front)).cacheStatus).not.toMatch(/^hit/)
})

test('caches behind are told to keep no response that was chosen by what is left in front, looked up or not', () => {
  const { responses } = greeting()
  const route = responses.route<Request>(TTL)
  const stated = [['Cache-Control', 'max-age=60']] as const
  const told = (left: Incoming['left']) => {
    const request = new Request('http://a.test/x', { headers: { 'if-match': '*' } })
    const plan = route.plan({ ...incomingOf(request), left }, request)
    return plan.kind === 'pass' && plan.marksFor(stated).find(([name]) => name === 'Vary')
  }
  expect([told(['req.isBeta']), told([])]).toEqual([['Vary', '*'], undefined])
})
