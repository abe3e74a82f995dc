import { AsyncLocalStorage } from 'node:async_hooks'

import { memoryStore } from '@shelflife/memory'
import { expect, test, vi } from 'vitest'

import type { HandlerRun } from '../src/index.ts'
import { addedTo, NotReached, requestFor } from '../src/index.ts'
import { createFill } from '../src/fill.ts'
import type { Front, Options } from './application.ts'
import { application, reading, TTL } from './application.ts'
import { ORIGIN, settled } from './serve.ts'

test.each([
  'req.user',
  'req.currentUser',
  'req.account',
  'req.tenantId',
  'req.jwtPayload',
  'req.decoded',
  'req.uid',
  'req.isAuthenticated',
  'res.locals.session',
  'c.var.principal',
  'req.socket.getPeerCertificate',
])('%s says who somebody is: what is made of it is nobody else’s, and no fault of anybody', async (path) => {
  for (const inputs of ['strict', 'warn'] as const) {
    const app = application(reading(path), { ...TTL, inputs })
    expect((await app.ask('/x', { who: 'alice' })).cacheStatus).toContain('detail=identity')
    expect((await app.ask('/x', { who: 'bob' })).text).toBe('for bob')
    expect(app.inputs).toEqual([])
  }
})

test('what is named in `unkeyed` is that, and not what begins with the same letters', async () => {
  const app = application(reading('res.localsOfUser'), { ...TTL, unkeyed: ['res.locals'] })
  expect((await app.ask('/x', { who: 'alice' })).cacheStatus).toContain('detail=identity')
})

test.each(['x-api-key', 'x-auth-token', 'proxy-authorization', 'cf-access-jwt-assertion', 'x-amzn-oidc-data'])(
  'a handler that reads %s answers one client',
  async (name) => {
    const app = application((_how, _who, request) => new Response(`for ${request.headers.get(name)}`))
    expect((await app.ask('/x', { headers: { [name]: 'alice' } })).cacheStatus).toContain('detail=identity')
    expect((await app.ask('/x', { headers: { [name]: 'bob' } })).text).toBe('for bob')
  },
)

test('a header of the key is no secret among those that share it', async () => {
  const app = application((_how, _who, request) => new Response(`for ${request.headers.get('x-api-key')}`), {
    ...TTL,
    headers: ['x-api-key'],
  })
  const ask = (key: string) => app.ask('/x', { headers: { 'x-api-key': key } })
  expect([(await ask('alice')).text, (await ask('bob')).text, (await ask('alice')).cacheStatus]).toEqual([
    'for alice',
    'for bob',
    'hit;ttl=60',
  ])
})

test('what nobody declared is not stored, and told once with the name', async () => {
  const app = application(reading('req.lang'))
  for (const who of ['de', 'en', 'de']) expect((await app.ask('/x', { who })).text).toBe(`for ${who}`)
  expect(app.inputs).toEqual([{ kind: 'property', name: 'req.lang', path: '/x' }])
})

test.each([
  ['req.id', {}],
  ['req.requestId', {}],
  ['req.log', {}],
  ['req.lang', { unkeyed: ['req.lang'] }],
  ['req.currentUser', { unkeyed: ['req.currentUser'] }],
  ['res.locals.t', { unkeyed: ['res.locals'] }],
  ['res.locals.deep.user', { unkeyed: ['Res.Locals'] }],
  ['req.user', { inputs: 'off' }],
] as const)('%s does not count with %j', async (path, options) => {
  const app = application(reading(path), { ...TTL, ...options })
  await app.ask('/x', { who: 'alice' })
  expect((await app.ask('/x', { who: 'bob' })).text).toBe('for alice')
  expect(app.inputs).toEqual([])
})

test.each(['res.locals.id', 'c.var.id', 'req.context.id'])('%s is not the id of a request', async (path) => {
  const app = application(reading(path))
  for (const who of ['alice', 'bob']) expect((await app.ask('/x', { who })).text).toBe(`for ${who}`)
  expect(app.inputs).toEqual([{ kind: 'property', name: path, path: '/x' }])
})

test('what is read while the body is made counts as well', async () => {
  const app = application((how, who) => {
    const rows = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          how.noteInput?.('req.user')
          controller.enqueue(new TextEncoder().encode(`for ${who}`))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(rows)
  })
  await app.ask('/x', { who: 'alice' })
  expect((await app.ask('/x', { who: 'bob' })).text).toBe('for bob')
})

test('what was put into the async context in front counts, and what the handler puts there does not', async () => {
  const tenants = new AsyncLocalStorage<string>()
  const app = application(() => new Response(`for ${tenants.getStore()}`))
  expect((await tenants.run('acme', () => app.ask('/x'))).cacheStatus).toContain('detail=unkeyed-input')
  expect((await tenants.run('globex', () => app.ask('/x'))).text).toBe('for globex')
  expect(app.inputs).toEqual([{ kind: 'property', name: 'AsyncLocalStorage', path: '/x' }])
  const own = application(() => tenants.run('own', () => new Response(`for ${tenants.getStore()}`)))
  await own.ask('/x')
  expect((await own.ask('/x')).cacheStatus).toMatch(/^hit/)
})

test.each([
  ['at once', async () => {}],
  ['bit by bit', () => new Promise<void>((resolve) => void setImmediate(resolve))],
])('a body that asks the async context while it is read is made of that, %s', async (_, pause) => {
  const tenants = new AsyncLocalStorage<string>()
  function rows(): ReadableStream<Uint8Array> {
    let row = 0
    return new ReadableStream({
      async pull(controller) {
        await pause()
        if (++row > 2) controller.close()
        else controller.enqueue(new TextEncoder().encode(`${row} of ${tenants.getStore()};`))
      },
    })
  }
  const app = application(() => new Response(rows()))
  for (const who of ['acme', 'globex']) {
    const { text } = await tenants.run(who, () => app.ask('/x'))
    expect(text).toBe(`1 of ${who};2 of ${who};`)
  }
  expect(app.inputs).toEqual([{ kind: 'property', name: 'AsyncLocalStorage', path: '/x' }])
})

test('what goes on with an answer outside the context of the handler counts from when that is told until it is taken back', async () => {
  const tenants = new AsyncLocalStorage<string>()
  for (const isTold of [true, false]) {
    let outside = (run: () => string | undefined): string | undefined => run()
    const app = application((how) => {
      const back = how.leaveContext?.()
      if (!isTold) back?.()
      const who = outside(() => tenants.getStore())
      back?.()
      return new Response(`for ${who}`)
    })
    const { text, cacheStatus } = await tenants.run('acme', () => {
      outside = AsyncLocalStorage.snapshot()
      return app.ask('/x')
    })
    expect(text).toBe('for acme')
    expect(cacheStatus.includes('detail=unkeyed-input')).toBe(isTold)
  }
})

test('a `getStore` that is bound once a response cache is there counts, before any response', async () => {
  vi.resetModules()
  const { createCache: createFresh } = await import('@shelflife/core')
  const fresh = await import('../src/index.ts')
  const noted: string[] = []
  const cache = createFresh({ namespace: 'bound', store: memoryStore() })
  const responses = fresh.createResponseCache({ cache, onUnkeyedInput: ({ name }) => void noted.push(name) })
  const storage = new AsyncLocalStorage<string>()
  const current = storage.getStore.bind(storage)
  const ask = fresh.cachedFetch(responses, { ttl: '1m' }, async () => new Response(`for ${current()}`))
  for (const who of ['alice', 'bob']) {
    const response = await storage.run(who, () => ask(new Request('http://a.test/')))
    expect(await response.text()).toBe(`for ${who}`)
  }
  expect(noted).toEqual(['AsyncLocalStorage'])
  await cache.close()
})

test('a refresh runs in the async context of nobody', async () => {
  const users = new AsyncLocalStorage<string>()
  const app = application(() => new Response(`for ${users.getStore()}`), {
    ttl: '10s',
    staleWhileRevalidate: '1m',
    unkeyed: ['AsyncLocalStorage'],
  })
  await app.ask('/x')
  await app.pass(15_000)
  await users.run('alice', () => app.ask('/x'))
  expect(app.runs()).toBe(2)
  expect((await app.ask('/x')).text).toBe('for undefined')
})

test.each([
  [['Set-Cookie', 'sid=alice']],
  [['Cache-Control', 'private']],
  [['Cache-Control', 'public, no-store']],
  [['CDN-Cache-Control', 'no-store']],
  [['Vary', 'Cookie']],
] as const)('%j that arrives with the head keeps the response from being stored', async (field) => {
  const app = application(
    (_how, who) => new Response(`for ${who}`),
    TTL,
    async () => [field],
  )
  await app.ask('/x', { who: 'alice' })
  expect((await app.ask('/x', { who: 'bob' })).text).toBe('for bob')
})

test('of Vary only names count that come late: those of the response itself may stand in one line with others', () => {
  expect(addedTo([['Vary', 'Cookie']], [['vary', 'Cookie, Accept-Encoding']])).toEqual([['Vary', 'accept-encoding']])
  expect(addedTo([['Vary', 'Accept']], [['vary', 'Accept, Cookie']])).toEqual([['Vary', 'cookie']])
  expect(addedTo([['Vary', 'Accept']], [['vary', 'Accept']])).toEqual([])
  expect(addedTo([['Vary', 'Accept']], [['vary', '*']])).toEqual([['Vary', '*']])
  expect(addedTo([['Vary', '*']], [['vary', '*']])).toEqual([])
})

class Loggers {
  readonly logger = 'one'
  readonly responseLogger = 'two'
}

class Visitor {
  readonly logger = 'one'
  get who(): string {
    return 'alice'
  }
}

class Shop {
  readonly id = '1'
}

/** As Elastic APM has it. */
const observer = () =>
  new (class RunContext {
    readonly _values = new Map()
    currTransaction() {}
    currSpan() {}
    enterTrans() {}
    enterSpan() {}
  })()

/** As OpenTelemetry has it. */
const baggage = () =>
  new (class BaseContext {
    readonly _currentContext = new Map()
    readonly getValue = () => {}
    readonly setValue = () => {}
    readonly deleteValue = () => {}
  })()

/** Somebody's own, of the same name. */
const namesake = () =>
  new (class RunContext {
    readonly user = 'alice'
  })()

test.each([
  ['a class of ids', new Shop(), ['AsyncLocalStorage.Shop']],
  ['a class that is called like one of an observer', namesake(), ['AsyncLocalStorage.RunContext']],
  ['the context of Elastic APM', observer(), []],
  ['the context of OpenTelemetry', baggage(), []],
  ['a class of loggers alone', new Loggers(), []],
  ['a class that has methods', new Visitor(), ['AsyncLocalStorage.Visitor']],
  ['a plain object, which others may have more in', { logger: 'one' }, ['AsyncLocalStorage']],
])('what is in the async context counts by what it is: %s', async (_name, value, noted) => {
  const storage = new AsyncLocalStorage<object>()
  const app = application(() => new Response(typeof storage.getStore()))
  await storage.run(value, () => app.ask('/x'))
  expect(app.inputs.map(({ name }) => name)).toEqual(noted)
  const declared = application(() => new Response(typeof storage.getStore()), {
    ...TTL,
    unkeyed: ['AsyncLocalStorage'],
  })
  await storage.run(value, () => declared.ask('/x'))
  expect([(await declared.ask('/x')).cacheStatus, declared.inputs]).toEqual(['hit;ttl=60', []])
})

test('until the head has gone out nobody else gets the response, and a part of it does not wait for that', async () => {
  let tell = (_late: readonly (readonly [string, string])[]): void => {}
  const later = () =>
    new Promise<readonly (readonly [string, string])[]>((resolve) => {
      tell = resolve
    })
  const app = application((_how, who) => new Response(`for ${who}`), TTL, later)
  const part = await app.ask('/x', { who: 'alice', headers: { range: 'bytes=0-2' } })
  expect([part.status, part.text]).toEqual([206, 'for'])
  const bob = app.ask('/x', { who: 'bob' })
  await settled()
  expect(app.runs()).toBe(1)
  tell([['Set-Cookie', 'sid=alice']])
  await settled()
  tell([])
  expect((await bob).text).toBe('for bob')
})

test('other fields that arrive with the head are of that answer alone', async () => {
  const app = application(
    (_how, who) => new Response(`for ${who}`),
    TTL,
    async () => [['X-Took', '5']],
  )
  await app.ask('/x', { who: 'alice' })
  expect((await app.ask('/x', { who: 'bob' })).cacheStatus).toMatch(/^hit/)
})

test('a refresh that does not get to the handler takes what is stored with it', async () => {
  const app = application(
    (how, who) => {
      if (who === 'guarded') throw new NotReached()
      how.noteRead?.('accept')
      return new Response(`for ${who}`)
    },
    { ttl: '10s', staleWhileRevalidate: '1m' },
  )
  await app.ask('/x', { who: 'alice' })
  await app.pass(15_000)
  await app.ask('/x', { who: 'guarded' })
  expect((await app.ask('/x', { who: 'bob' })).text).toBe('for bob')
})

/** Rows that come one after the other, with what is decided at each. */
const rows = (how: HandlerRun, decide: readonly ((decisions: HandlerRun['decisions']) => void)[]): Response => {
  const left = [...decide]
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = left.shift()
        if (next === undefined) return controller.close()
        next(how.decisions)
        controller.enqueue(new TextEncoder().encode('row '))
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body)
}

test('tags, a lifetime and noStore that are decided between rows count', async () => {
  const tagged = application((how) => rows(how, [() => {}, (to) => to.tag('product:1'), (to) => to.tag('product:2')]))
  await tagged.ask('/x')
  expect((await tagged.ask('/x')).cacheStatus).toMatch(/^hit/)
  await tagged.cache.invalidateTags(['product:2'])
  expect((await tagged.ask('/x')).cacheStatus).not.toMatch(/^hit/)

  const short = application((how) => rows(how, [() => {}, (to) => to.lifetime({ ttl: '5s' })]))
  await short.ask('/x')
  expect((await short.ask('/x')).cacheStatus).toBe('hit;ttl=5')

  const broken = application((how) => rows(how, [() => {}, (to) => to.noStore()]))
  await broken.ask('/x')
  expect((await broken.ask('/x')).cacheStatus).not.toMatch(/^hit/)
})

test('what a CDN has been told cannot be decided otherwise: the handler is told', async () => {
  const thrown: unknown[] = []
  const app = application(
    (how) => {
      how.decisions.tag('product:1')
      return rows(how, [
        (to) => {
          try {
            to.tag('product:2')
          } catch (error) {
            thrown.push(error)
          }
          // it was told of that one
          to.tag('product:1')
        },
      ])
    },
    { ...TTL, cdn: 'fastly' } as never,
  )
  await app.ask('/x')
  await app.ask('/x')
  expect(thrown).toHaveLength(1)
  expect(thrown[0]).toMatchObject({ code: 'too-late' })
})

test('a tag that is none keeps the response from being stored, and Cache-Status says so', async () => {
  const app = application((how) => {
    how.decisions.tag(undefined as never)
    return new Response('x')
  })
  expect((await app.ask('/x')).cacheStatus).toBe('fwd=uri-miss;fwd-status=200;detail=invalid-tag')
})

test('who asks for no compression has a variant, as compressors of some frameworks look for that', async () => {
  const app = application((_how, _who, request) => new Response(request.headers.get('x-no-compression') ?? 'any'))
  const ask = (headers: Record<string, string>) => app.ask('/x', { headers })
  expect([(await ask({})).text, (await ask({ 'x-no-compression': '1' })).text]).toEqual(['any', '1'])
  expect((await ask({})).cacheStatus).toMatch(/^hit/)
  expect(app.inputs).toEqual([])
})

test('what is negotiated becomes part of the variant and of Vary, whether the handler says so or not', async () => {
  const app = application((_how, _who, request) => new Response(request.headers.get('accept-language')))
  const ask = (language: string) => app.ask('/x', { headers: { 'accept-language': language } })
  expect((await ask('de')).headers.get('vary')).toBe('accept-language')
  expect((await ask('en')).text).toBe('en')
  const again = await ask('de')
  expect([again.text, again.cacheStatus, again.headers.get('vary')]).toEqual(['de', 'hit;ttl=60', 'accept-language'])
  expect(app.inputs).toEqual([])
})

test.each([
  [{ headers: ['x-user'] }, 'x-user'],
  [{ cookies: { vary: ['sid'] } }, 'cookie'],
  [{ headers: ['x-user'], cookies: { vary: ['sid'] } }, 'x-user, cookie'],
  [{ cookies: 'ignore' }, null],
] as const)('with %j caches behind are told by Vary what selects a response', async (options, vary) => {
  const app = application(() => new Response('x'), { ...TTL, ...options, browserTtl: '1m' } as Options)
  const headers = { 'x-user': 'ann', ...('cookies' in options && { cookie: 'sid=1' }) }
  expect((await app.ask('/x', { headers })).headers.get('vary')).toBe(vary)
  const hit = await app.ask('/x', { headers })
  expect([hit.headers.get('vary'), hit.cacheStatus]).toEqual([vary, 'hit;ttl=60'])
})

test.each(['cloudflare', 'cloudfront', 'akamai', 'fastly'] as const)(
  '%s gets no copy of what it would give to all',
  async (cdn) => {
    const app = application(() => new Response('x'), { ...TTL, headers: ['x-user'], cdn } as never)
    const { headers } = await app.ask('/x', { headers: { 'x-user': 'ann' } })
    const isShared = /s-maxage=[1-9]/.test(headers.get('cache-control') ?? '')
    expect([isShared, headers.get('cdn-cache-control') !== null]).toEqual(
      cdn === 'fastly' ? [true, true] : [false, false],
    )
  },
)

test('which of several handlers answers is part of the key, and of Vary by what chose it', async () => {
  const app = application((_how, who) => new Response(`from ${who}`))
  const v = (id: string, by: readonly string[] | '*'): Front => ({ who: id, incoming: { selection: { id, by } } })
  expect((await app.ask('/x', v('v1', ['x-version']))).headers.get('vary')).toBe('x-version')
  expect((await app.ask('/x', v('v2', ['x-version']))).text).toBe('from v2')
  expect((await app.ask('/x', v('v1', ['x-version']))).cacheStatus).toMatch(/^hit/)
  expect((await app.ask('/y', v('v1', '*'))).headers.get('vary')).toBe('*')
  expect((await app.ask('/y', v('v1', '*'))).cacheStatus).toMatch(/^hit/)
})

test('what one client is refused for does not keep the answers to others from being stored', async () => {
  for (const odd of [
    { status: 403 },
    { headers: { 'cache-control': 'private' } },
    { headers: { 'set-cookie': 'a=1' } },
  ]) {
    const app = application(
      (_how, _who, request) => new Response('x', request.headers.get('user-agent') === 'odd' ? odd : {}),
      { ...TTL, unkeyed: ['user-agent'] },
    )
    for (let i = 0; i < 3; i++) {
      await app.ask('/x', { headers: { 'user-agent': 'odd' } })
      await app.ask('/x', { headers: { 'user-agent': 'usual' } })
      await vi.waitFor(async () => expect((await app.ask('/x')).cacheStatus).toMatch(/^hit/))
    }
  }
})

test('junk among the codings that a client accepts takes no variants', async () => {
  const app = application((_how, _who, request) => new Response(`for ${request.headers.get('accept-encoding')}`))
  await app.ask('/x', { headers: { 'accept-encoding': 'gzip, br' } })
  for (let i = 0; i < 30; i++) {
    const { cacheStatus } = await app.ask('/x', { headers: { 'accept-encoding': `gzip, br, junk${i}` } })
    expect(cacheStatus).toMatch(/^hit/)
  }
})

test.each(['cdn-cache-control', 'surrogate-cache-control'])('what %s says against storing counts', async (name) => {
  const app = application(
    () => new Response('x', { headers: { 'cache-control': 'max-age=60', [name]: 'private, max-age=5' } }),
  )
  expect((await app.ask('/x')).cacheStatus).toContain('detail=private')
})

test.each([
  ['bytes=1000-1999', 206, 'bytes 1000-1999/5000', 1000],
  ['bytes=-10', 206, 'bytes 4990-4999/5000', 10],
  ['bytes=6000-', 416, 'bytes */5000', 0],
  ['bytes=0-1,5-6', 200, null, 5000],
] as const)('RFC 9110 §14.2: %s of what passes by unstored is answered with %d', async (range, status, part, size) => {
  const app = application(() => {
    let left = 10
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- === 0) controller.close()
        else controller.enqueue(new Uint8Array(500).fill(9 - left))
      },
    })
    return new Response(body, { headers: { 'content-length': '5000', 'cache-control': 'private' } })
  })
  const answer = await app.ask('/x', { headers: { range } })
  expect([answer.status, answer.headers.get('content-range'), answer.text.length]).toEqual([status, part, size])
  if (status === 206 && size === 1000) expect(answer.text.charCodeAt(0)).toBe(2)
})

test('of a body in pieces of text a part is counted in bytes', async () => {
  const app = application(() => {
    const text = new Blob(['zwölf ', 'drei']).stream().pipeThrough(new TextDecoderStream())
    return new Response(text as never, { headers: { 'content-length': '11', 'cache-control': 'private' } })
  })
  expect((await app.ask('/x', { headers: { range: 'bytes=2-8' } })).text).toBe('ölf dr')
})

test('a refresh of what has gone meanwhile is not made: nobody knows any more what its handler may see', async () => {
  let skipped = 0
  const context = { key: 'x', isRefresh: true, stale: undefined, skip: () => void skipped++ } as never
  const run = () => Promise.reject(new Error('it was run'))
  const fill = createFill({ policy: {}, refusals: {}, judge: () => ({}) } as never)
  const call = {
    exchange: { incoming: { header: () => undefined }, run, refresh: run },
    route: { headers: [] },
    fail() {},
  }
  expect(await fill(context, ['x'], call as never)).toEqual({ format: 0 })
  expect(skipped).toBe(1)
})

test('what the handler was not shown has selected nothing, whatever the client sent', async () => {
  const app = application((how) => {
    const { headers } = requestFor(new Request(ORIGIN, { headers: { 'if-none-match': '"1"' } }), how)
    return new Response(`with ${headers.get('if-none-match')}`, { headers: { vary: 'if-none-match' } })
  })
  await app.ask('/x', { headers: { 'if-none-match': '"1"' } })
  expect((await app.ask('/x')).cacheStatus).toMatch(/^hit/)
})

test('a refresh that a client of another variant causes shows the handler the header that selects it', async () => {
  const app = application(
    (_how, _who, request) => new Response(`for ${request.headers.get('x-kind')}`, { headers: { vary: 'x-kind' } }),
    { ttl: '10s', staleWhileRevalidate: '1m' },
  )
  const ask = (kind: string, more: Record<string, string> = {}) =>
    app.ask('/x', { headers: { 'x-kind': kind, ...more } })
  await ask('a')
  await app.pass(15_000)
  for (const range of [{ range: 'bytes=0-' }, {}]) {
    for (const kind of ['b', 'a', 'c']) expect((await ask(kind, range)).text).toBe(`for ${kind}`)
  }
})

test('what is one client’s is said so to caches behind where the handler says nothing of caching', async () => {
  const app = application(reading('req.user'))
  expect((await app.ask('/x', { who: 'alice' })).headers.get('cache-control')).toBe('private, no-cache')
  const stated = application((how) => {
    how.noteInput?.('req.user')
    return new Response('x', { headers: { 'cache-control': 'no-store' } })
  })
  expect((await stated.ask('/x', { who: 'alice' })).headers.get('cache-control')).toBe('no-store')
})
