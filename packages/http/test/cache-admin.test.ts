import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache, ShelflifeError } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test, vi } from 'vitest'

import type { AdminIdentity } from '../src/admin-identity.ts'
import type { BearerToken } from '../src/bearer.ts'
import { bearer } from '../src/bearer.ts'
import type { AdminEvent, CacheAdminOptions } from '../src/cache-admin.ts'
import { cacheAdmin } from '../src/cache-admin.ts'
import { cachedFetch } from '../src/cached-fetch.ts'

const TOKEN = 'everything-'.padEnd(32, 'x')
const READER = 'reading-'.padEnd(32, 'x')

const tokens = [
  { token: TOKEN, actor: 'alice', permissions: ['read', 'invalidate', 'clear'] },
  { token: READER, actor: 'prometheus', permissions: ['read'] },
] as const

test('what is no cache, or no response cache, is refused where it is given', () => {
  const authorize = bearer({ tokens })
  for (const wrong of [undefined, null, {}, 5, 'shop']) {
    const refused = expect.objectContaining({ code: 'invalid-option' })
    expect(() => cacheAdmin({ cache: wrong as never, authorize })).toThrow(refused)
    expect(() => cachedFetch(wrong as never, {}, () => new Response())).toThrow(refused)
  }
})

function setUp(options: Partial<CacheAdminOptions> = {}) {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  let version = 1
  const get = cache.cached(async (id: number) => ({ secret: `value-${id}`, version }), {
    name: 'product',
    tags: (id) => [`product:${id}`, 'catalog/tv'],
  })
  const events: AdminEvent[] = []
  const errors: unknown[] = []
  const audit = (event: AdminEvent): void => void events.push(event)
  const onError = (error: unknown): void => void errors.push(error)
  const admin = cacheAdmin({ cache, authorize: bearer({ tokens }), audit, onError, ...options })
  const send = (path: string, init: RequestInit & { token?: string | undefined } = {}): Promise<Response> => {
    const { token = TOKEN, ...rest } = init
    const headers = new Headers(rest.headers)
    if (token !== '') headers.set('authorization', `Bearer ${token}`)
    return admin(new Request(`http://localhost/admin/cache/${path}`, { ...rest, headers }))
  }
  const post = (path: string, body: unknown, token?: string): Promise<Response> =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      token,
    })
  return { cache, get, events, errors, admin, send, post, change: () => void version++ }
}

const ROUTES = [
  ['GET', 'stats'],
  ['GET', 'health'],
  ['GET', 'metrics'],
  ['GET', 'inspect?key=shop/product(1)'],
  ['POST', 'invalidate'],
  ['POST', 'clear'],
] as const

describe('who may ask', () => {
  test('tokens of a wrong shape are an answer that says what they must be, without them', async () => {
    const wrong = { [TOKEN]: ['read'] } as unknown as readonly BearerToken[]
    const { send, errors } = setUp({ authorize: bearer({ tokens: () => wrong }) })
    const answer = await send('stats')
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { error: 'tokens must be an array, or a function that returns one' },
    ])
    expect(errors).toHaveLength(1)
  })

  test('what the tokens of another copy of the package must be is an answer as well', async () => {
    vi.resetModules()
    const other = await import('../src/index.ts')
    expect(other.bearer).not.toBe(bearer)
    const { send } = setUp({ authorize: other.bearer({ tokens: () => ({}) as never }) })
    expect(await (await send('stats')).json()).toEqual({
      error: 'tokens must be an array, or a function that returns one',
    })
  })

  test('what else authorize throws stays here, whatever it is', async () => {
    const { send, errors } = setUp({
      authorize() {
        throw new ShelflifeError('invalid-option', `token must be known; received '${TOKEN}'`)
      },
    })
    const answer = await send('stats')
    expect([answer.status, await answer.json()]).toEqual([500, { error: 'internal error' }])
    expect(errors).toHaveLength(1)
  })

  test('it cannot be made without authorize', () => {
    const { cache } = setUp()
    // @ts-expect-error it is required
    expect(() => cacheAdmin({ cache })).toThrow(/^authorize must be a function/)
  })

  test.each([undefined, null, true, 'token'])('it cannot be made with %j for authorize', (authorize) => {
    const { cache } = setUp()
    const make = (): unknown => cacheAdmin({ cache, authorize } as unknown as CacheAdminOptions)
    expect(make).toThrow(ShelflifeError)
    expect(make).toThrow(/^authorize must be a function/)
  })

  test.each(ROUTES)('%s %s answers nobody without a token', async (method, route) => {
    const { send, get, change } = setUp()
    await get(1)
    change()
    for (const token of ['', 'wrong'.padEnd(32, 'x')]) {
      const response = await send(route, { method, token })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
      expect(await response.json()).toEqual({ error: 'unauthorized' })
    }
    expect(await get(1)).toMatchObject({ version: 1 })
  })

  test('each route has its permission', async () => {
    const { post, send, get, change } = setUp()
    await get(1)
    change()
    for (const [method, route] of ROUTES) {
      const { status } = await send(route, { method, token: READER })
      expect(status).toBe(method === 'GET' ? 200 : 403)
    }
    expect((await post('invalidate', { tags: ['catalog'] }, READER)).status).toBe(403)
    expect((await post('clear', { all: true }, READER)).status).toBe(403)
    expect(await get(1)).toMatchObject({ version: 1 })
    const asked: string[] = []
    const own = setUp({ authorize: (_, permission) => (asked.push(permission), { actor: 'bob' }) })
    for (const [method, route] of ROUTES) await own.send(route, { method })
    expect(asked).toEqual(['read', 'read', 'read', 'read', 'invalidate', 'clear'])
  })

  test.each([true, {}, { actor: '' }, { actor: 1 }, 'alice', null, 0])(
    '%j from authorize names nobody',
    async (who) => {
      const { post } = setUp({ authorize: () => who as unknown as AdminIdentity })
      expect((await post('clear', { all: true })).status).toBe(401)
    },
  )

  test('an authorize that throws is a 500 that tells nothing, and is reported', async () => {
    const error = new Error('database at 10.0.0.1 is away')
    for (const authorize of [
      () => Promise.reject(error),
      () => {
        throw error
      },
    ]) {
      const { post, errors, events } = setUp({ authorize })
      const response = await post('clear', { all: true })
      expect(response.status).toBe(500)
      expect(await response.text()).toBe('{"error":"internal error"}')
      expect(errors).toEqual([error])
      expect(events).toEqual([{ actor: undefined, action: 'clear', target: undefined, outcome: 'failed' }])
    }
  })
})

describe('what is read', () => {
  test('an error that nobody expected is a 500 that tells nothing, and is reported', async () => {
    const { cache } = setUp()
    const error = new Error('secret')
    const stats = (): never => {
      throw error
    }
    const { send, errors } = setUp({ cache: { ...cache, stats } })
    const response = await send('stats')
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('{"error":"internal error"}')
    expect(errors).toEqual([error])
  })

  test('statistics', async () => {
    const { send, get, cache } = setUp()
    await get(1)
    await get(1)
    const response = await send('stats')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify({ ...cache.stats(), responses: [] })))
  })

  test('health, with the status for a probe', async () => {
    const { send, cache } = setUp()
    const up = await send('health')
    expect(up.status).toBe(200)
    expect(await up.json()).toMatchObject({ ok: true, stores: [{ kind: 'local' }] })
    await cache.close()
    const down = await send('health', { method: 'HEAD' })
    expect(down.status).toBe(503)
    expect(await down.text()).toBe('')
  })

  test('metrics for Prometheus', async () => {
    const { send, get } = setUp()
    await get(1)
    const response = await send('metrics')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await response.text()).toContain('\nshelflife_loads_total{namespace="shop",name="product"} 1\n')
  })

  test('one entry by its key: what is known of it, and never its value', async () => {
    const { send, get } = setUp()
    await get(42)
    const response = await send(`inspect?key=${encodeURIComponent(get.key(42))}`)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      key: 'shop/product(42)',
      name: 'product',
      phase: 'fresh',
      store: 'local',
      tags: expect.arrayContaining(['product:42', 'catalog', 'catalog/tv']),
    })
    expect(text).not.toContain('value-42')
  })

  test('an entry without end has no number for it', async () => {
    const { send, cache } = setUp()
    await cache.set('flag', true, { tier: 'manual' })
    const response = await send(`inspect?key=${encodeURIComponent('shop/("flag")')}`)
    expect(await response.json()).toMatchObject({ tier: 'manual', freshFor: null, keptFor: null })
  })

  test('looking at a key that is not there loads nothing', async () => {
    const { send, cache } = setUp()
    const response = await send(`inspect?key=${encodeURIComponent('shop/product(1)')}`)
    expect(response.status).toBe(404)
    expect(cache.stats()).toMatchObject({ loads: 0, misses: 0 })
  })

  test.each([
    'inspect',
    'inspect?key=',
    'inspect?key=a&key=b',
    `inspect?key=shop/${'x'.repeat(5000)}`,
    'inspect?key=blog/post(1)',
    'inspect?key=*',
    'inspect?key=shopping/a()',
  ])('%s is a bad request', async (route) => {
    expect((await setUp().send(route)).status).toBe(400)
  })
})

describe('what is changed', () => {
  test('tags are invalidated', async () => {
    const { post, get, change } = setUp()
    await get(1)
    change()
    const response = await post('invalidate', { tags: ['catalog'] })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ local: true, remote: 'none' })
    expect(await get(1)).toMatchObject({ version: 2 })
  })

  test('a tag may be as long as everywhere else', async () => {
    const { cache, post } = setUp()
    const tag = 'x'.repeat(1024)
    let runs = 0
    const get = cache.cached(async () => ++runs, { name: 'long', tags: [tag] })
    await get()
    expect((await post('invalidate', { tags: [tag] })).status).toBe(200)
    expect(await get()).toBe(2)
  })

  test('one key is invalidated, and no other', async () => {
    const { post, get, change } = setUp()
    await get(1)
    await get(2)
    change()
    expect((await post('invalidate', { key: get.key(1) })).status).toBe(200)
    expect(await get(1)).toMatchObject({ version: 2 })
    expect(await get(2)).toMatchObject({ version: 1 })
  })

  test('everything is cleared when that is said', async () => {
    const { post, get, change } = setUp()
    await get(1)
    change()
    expect((await post('clear', { all: true })).status).toBe(200)
    expect(await get(1)).toMatchObject({ version: 2 })
  })

  test('an invalidation that the remote store must take and does not is a 503, and holds here', async () => {
    const clock = fakeClock(100_000)
    const remote = createReferenceServer({ clock }).connect({ clock })
    const store = { ...remote, invalidateTags: () => Promise.reject(new Error('connection reset')) }
    const cache = createCache({ namespace: 'shop', clock, store, require: 'remote' })
    const { post, events } = setUp({ cache })
    const response = await post('invalidate', { tags: ['a'] })
    expect(response.status).toBe(503)
    expect(events).toEqual([{ actor: 'alice', action: 'invalidate', target: { tags: ['a'] }, outcome: 'failed' }])
  })

  const many = Array.from({ length: 101 }, (_, i) => `t${i}`)
  test.each([
    ['invalidate', {}],
    ['invalidate', []],
    ['invalidate', 'null'],
    ['invalidate', '"tags"'],
    ['invalidate', '{"tags":["a"]'],
    ['invalidate', ''],
    ['invalidate', { tags: [] }],
    ['invalidate', { tags: 'catalog' }],
    ['invalidate', { tags: ['catalog', 1] }],
    ['invalidate', { tags: ['catalog', ''] }],
    ['invalidate', { tags: ['catalog', 'x'.repeat(1025)] }],
    ['invalidate', { tags: ['catalog', ...many] }],
    ['invalidate', { tags: ['catalog'], key: 'shop/product(1)' }],
    ['invalidate', { tags: ['catalog'], dryRun: true }],
    ['invalidate', '{"__proto__":{"tags":["catalog"]}}'],
    ['invalidate', '{"tags":["catalog"],"__proto__":{}}'],
    ['invalidate', { key: 1 }],
    ['invalidate', { key: 'blog/product(1)' }],
    ['invalidate', { key: `shop/${'x'.repeat(5000)}` }],
    ['invalidate', { all: true }],
    ['clear', {}],
    ['clear', { all: 'true' }],
    ['clear', { all: 1 }],
    ['clear', { all: true, more: 1 }],
    ['clear', { tags: ['catalog'] }],
  ])('POST %s %j is refused, and nothing is changed', async (route, body) => {
    const { post, get, change, events } = setUp()
    await get(1)
    change()
    const response = await post(route, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.any(String) })
    expect(await get(1)).toMatchObject({ version: 1 })
    expect(events).toMatchObject([{ actor: 'alice', action: route, outcome: 'refused' }])
  })

  test.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'text/plain; application/json',
    'application/jsonp',
  ])('a body of type %s, which a page of another site could send, is refused', async (type) => {
    const { send, get, change } = setUp()
    await get(1)
    change()
    const body = new TextEncoder().encode('{"all":true}')
    const headers = type === undefined ? {} : { 'content-type': type }
    expect((await send('clear', { method: 'POST', headers, body })).status).toBe(415)
    expect(await get(1)).toMatchObject({ version: 1 })
  })

  test('the type may have parameters and capital letters', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    const { send } = setUp()
    expect((await send('clear', { method: 'POST', headers, body: '{"all":true}' })).status).toBe(200)
  })

  test('a body is read up to 16 kB and no further, whatever it says its length is', async () => {
    const { send, post } = setUp()
    expect((await post('clear', `${' '.repeat(16_372)}{"all":true}`)).status).toBe(200)
    expect((await post('clear', `${' '.repeat(16_373)}{"all":true}`)).status).toBe(413)
    let pulled = 0
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(1024))
      },
      cancel() {
        isCancelled = true
      },
    })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' }
    expect((await send('clear', init as RequestInit)).status).toBe(413)
    expect(pulled).toBeLessThan(20)
    expect(isCancelled).toBe(true)
  })

  test('a body that is not UTF-8 is refused', async () => {
    const headers = { 'content-type': 'application/json' }
    const send = (byte: number): Promise<Response> => {
      const body = Uint8Array.from('{"tags":["?"]}'.split(''), (unit) => (unit === '?' ? byte : unit.charCodeAt(0)))
      return setUp().send('invalidate', { method: 'POST', headers, body })
    }
    expect((await send(0x61)).status).toBe(200)
    expect((await send(0xff)).status).toBe(400)
  })
})

describe('the audit', () => {
  test('hears of every attempt to change something with who, what and how it ended; not of reading', async () => {
    const { post, send, events } = setUp()
    await send('stats')
    await post('invalidate', { tags: ['a', 'b'] })
    await post('invalidate', { key: 'shop/product(1)' })
    await post('clear', { all: true })
    await post('clear', { all: true }, READER)
    await post('clear', { all: true }, '')
    expect(events).toEqual([
      { actor: 'alice', action: 'invalidate', target: { tags: ['a', 'b'] }, outcome: 'done' },
      { actor: 'alice', action: 'invalidate', target: { key: 'shop/product(1)' }, outcome: 'done' },
      { actor: 'alice', action: 'clear', target: 'all', outcome: 'done' },
      { actor: 'prometheus', action: 'clear', target: undefined, outcome: 'refused' },
      { actor: undefined, action: 'clear', target: undefined, outcome: 'refused' },
    ])
  })

  test('has heard before the answer is there', async () => {
    let isWritten = false
    const audit = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      isWritten = true
    }
    await setUp({ audit }).post('clear', { all: true })
    expect(isWritten).toBe(true)
  })

  test('changes no answer when it throws, and that is reported', async () => {
    const error = new Error('the disk is full')
    for (const audit of [
      () => Promise.reject(error),
      () => {
        throw error
      },
    ]) {
      const { post, errors } = setUp({ audit })
      expect((await post('clear', { all: true })).status).toBe(200)
      expect(errors).toEqual([error])
    }
  })

  test('nor does a listener for errors that throws', async () => {
    const fail = (): never => {
      throw new Error('no')
    }
    expect((await setUp({ audit: fail, onError: fail }).post('clear', { all: true })).status).toBe(200)
  })
})

describe('every answer', () => {
  test('is not stored, not sniffed and not for other sites', async () => {
    const { send, post } = setUp()
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    }
    const answers = [
      ...(await Promise.all(ROUTES.map(([method, route]) => send(route, { method })))),
      await send('stats', { token: '' }),
      await send('nothing'),
      await send('clear', preflight),
      await post('clear', { all: true }),
    ]
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  test.each(['', 'stats/', 'keys', 'entries', 'inspect/all', '__proto__', 'constructor', 'stats%2f', 'STATS'])(
    'is 404 for %j: there is no such route, and none that lists keys',
    async (route) => {
      expect((await setUp().send(route)).status).toBe(404)
    },
  )

  test('is 405 with Allow for another method', async () => {
    const { send, get, change } = setUp()
    await get(1)
    change()
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await send('clear', { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await send('stats', { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
    expect(await get(1)).toMatchObject({ version: 1 })
  })

  test('is the same wherever the handler is mounted', async () => {
    const { admin } = setUp()
    const headers = { authorization: `Bearer ${TOKEN}` }
    for (const path of ['/health', '/a/health', '/a/b/c/health?x=1']) {
      expect((await admin(new Request(`http://localhost${path}`, { headers }))).status).toBe(200)
    }
  })

  test('of a namespace is about that namespace', async () => {
    const { cache } = setUp()
    const eu = cache.namespace('eu')
    const { post } = setUp({ cache: eu })
    await cache.set('key', 1)
    await eu.set('key', 2)
    expect((await post('clear', { all: true })).status).toBe(200)
    expect([await cache.get('key'), await eu.get('key')]).toEqual([1, undefined])
    expect((await post('invalidate', { key: 'shop/("key")' })).status).toBe(400)
  })
})
