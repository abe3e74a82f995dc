import { expect, test } from 'vitest'

import type { FetchHandler, HandlerRun } from '../src/index.ts'
import { requestFor } from '../src/index.ts'
import { serve } from './serve.ts'

/** As a fill lets a handler see the request, and what it is told. */
function shared(hidden: readonly string[] = []) {
  const headers: string[] = []
  const inputs: string[] = []
  const how: HandlerRun = {
    isShared: true,
    isHidden: (name) => hidden.includes(name),
    replaced: [['x-ours', '1']],
    cookies: undefined,
    noteRead: (name) => void headers.push(name),
    noteInput: (path) => void inputs.push(path),
    decisions: { tag() {}, lifetime() {}, noStore() {} },
  }
  return { how, headers, inputs }
}

/** A class of requests that is not the one of the runtime, as servers have. */
class Foreign {
  readonly url = 'http://a.test/b/%2e%2e/a?x#y'
  readonly method = 'GET'
  readonly headers = new Headers({ 'x-name': 'a', range: 'bytes=0-1' })
  readonly #tenant = 'acme'

  get tenant(): string {
    return this.#tenant
  }
}

test('a request of a class that the runtime does not know is shown part by part', () => {
  const { how, inputs } = shared(['range'])
  const seen = requestFor(new Foreign() as unknown as Request, how)
  expect(seen).toBeInstanceOf(Request)
  expect([seen.url, seen.method]).toEqual(['http://a.test/b/%2e%2e/a?x#y', 'GET'])
  expect([...seen.headers]).toEqual([
    ['x-name', 'a'],
    ['x-ours', '1'],
  ])
  expect((seen as unknown as Foreign).tenant).toBe('acme')
  expect(inputs).toEqual(['request.headers', 'request.tenant'])
})

test('what was left on a request is still there, and reading it is told', () => {
  const { how, inputs } = shared()
  const request = Object.assign(new Request('http://a.test/'), { cf: { country: 'DE' }, user: 'alice', own: '' })
  const seen = requestFor(request, how, 'c.req.raw') as typeof request
  expect(inputs).toEqual([])
  expect([seen.cf.country, seen.user]).toEqual(['DE', 'alice'])
  seen.own = 'set by the handler'
  expect([seen.own, request.own]).toEqual(['set by the handler', ''])
  expect(inputs).toEqual(['c.req.raw.cf', 'c.req.raw.user'])
})

test('headers of a clone are told as well', () => {
  const { how, headers } = shared()
  const seen = requestFor(new Request('http://a.test/', { headers: { 'x-name': 'a' } }), how)
  expect(seen.clone().clone().headers.get('X-Name')).toBe('a')
  expect(headers).toContain('x-name')
})

test('who goes through all headers reads those that are not there as well', async () => {
  const ways: Readonly<Record<string, (headers: Headers) => Iterable<readonly [string, string]>>> = {
    entries: (headers) => headers.entries(),
    iterator: (headers) => headers,
    keys: (headers) => [...headers.keys()].map((name) => [name, headers.get(name)!]),
    forEach(headers) {
      const all: [string, string][] = []
      headers.forEach((value, name) => all.push([name, value]))
      return all
    },
    copy: (headers) => new Headers(headers),
  }
  for (const all of Object.values(ways)) {
    const greet: FetchHandler = (request) =>
      new Response(`hello ${new Map(all(request.headers)).get('x-api-key') ?? 'guest'}`)
    const { ask } = serve(greet, { ttl: '1m' })
    expect((await ask('/x')).cacheStatus).toContain('detail=unkeyed-input')
    for (const who of ['alice', 'bob']) expect((await ask('/x', { 'x-api-key': who })).text).toBe(`hello ${who}`)
    const declared = serve(greet, { ttl: '1m', headers: ['x-api-key'], unkeyed: ['request.headers'] })
    for (const who of ['alice', 'bob']) {
      expect((await declared.ask('/x', { 'x-api-key': who })).text).toBe(`hello ${who}`)
      expect((await declared.ask('/x', { 'x-api-key': who })).cacheStatus).toMatch(/^hit/)
    }
  }
})

test('a request that ends with its client still does', () => {
  const { how } = shared()
  const ends = new AbortController()
  const { signal } = requestFor(new Request('http://a.test/', { signal: ends.signal }), how)
  ends.abort()
  expect(signal.aborted).toBe(true)
})

test('a copy that tells nothing of what is read has only the headers that may be in it', () => {
  const { how, headers } = shared()
  const given = new Request('http://a.test/', { headers: { 'x-api-key': 'alice', 'x-declared': 'a' } })
  const seen = requestFor(given, { ...how, mayCopy: (name) => name === 'x-declared' })
  const names = (request: Request): readonly string[] => [...new Headers(new Request(request).headers).keys()]
  expect(names(seen)).toEqual(['x-declared', 'x-ours'])
  expect(names(seen.clone())).toEqual(['x-declared', 'x-ours'])
  expect(headers).toEqual([])
  expect(seen.headers.get('x-api-key')).toBe('alice')
  expect(seen.clone().headers.get('x-api-key')).toBe('alice')
  expect(headers).toEqual(['x-api-key', 'x-api-key'])
})

test('what a handler fetches in the name of its client is nobody’s, unless it is declared', async () => {
  const origin: FetchHandler = (request) => new Response(`for ${new Request(request).headers.get('x-api-key')}`)
  const { ask } = serve(origin, { ttl: '1m' })
  expect((await ask('/x', { 'x-api-key': 'alice' })).text).toBe('for null')
  expect((await ask('/x', { 'x-api-key': 'bob' })).cacheStatus).toMatch(/^hit/)
  const declared = serve(origin, { ttl: '1m', headers: ['x-api-key'] })
  expect((await declared.ask('/x', { 'x-api-key': 'alice' })).text).toBe('for alice')
  expect((await declared.ask('/x', { 'x-api-key': 'bob' })).text).toBe('for bob')
})
