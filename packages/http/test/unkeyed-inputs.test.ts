import { expect, test, vi } from 'vitest'

import type { UnkeyedInput } from '../src/index.ts'
import { cachedFetch, createResponseCache } from '../src/index.ts'
import { inputReporter, warnOfInput } from '../src/unkeyed-inputs.ts'
import type { Handler } from './serve.ts'
import { ORIGIN, serve, settled } from './serve.ts'

const TTL = { ttl: '1m' } as const
const reflecting: Handler = (request) => new Response(request.headers.get('X-Forwarded-Host'))

function listening() {
  const inputs: UnkeyedInput[] = []
  return { inputs, onUnkeyedInput: (input: UnkeyedInput) => void inputs.push(input) }
}

test('RFC 9111 §7.1: a header that the handler reads and nothing tells apart is reported, once for each route', async () => {
  const { inputs, onUnkeyedInput } = listening()
  const { ask, responses } = serve(reflecting, { ...TTL, onUnkeyedInput })
  for (const target of ['/a?page=2', '/a', '/b']) await ask(target)
  const other = cachedFetch(responses, TTL, async (request) => reflecting(request, 0))
  await other(new Request(`${ORIGIN}/c`))
  expect(inputs).toEqual([
    { kind: 'header', name: 'x-forwarded-host', path: '/a' },
    { kind: 'header', name: 'x-forwarded-host', path: '/c' },
  ])
})

test('what all routes may read is said once', async () => {
  const { inputs, onUnkeyedInput } = listening()
  const { cache } = serve(reflecting)
  const part = cache.namespace('part')
  const responses = createResponseCache({ cache: part, onUnkeyedInput, unkeyed: ['X-Forwarded-Host'] })
  const ask = cachedFetch(responses, TTL, async (request) => reflecting(request, 0))
  for (const _ of [1, 2]) {
    await ask(new Request(`${ORIGIN}/x`))
    await settled()
  }
  const hit = await ask(new Request(`${ORIGIN}/x`))
  expect([hit.headers.get('cache-status'), inputs]).toEqual([expect.stringMatching(/;hit/), []])
})

test('RFC 9111 §7.1: under `strict` the response is not stored, whatever the first client sent', async () => {
  const { ask, requests } = serve(reflecting, { ...TTL, inputs: 'strict' })
  const first = await ask('/x', { 'x-forwarded-host': 'evil.test' })
  expect(first.cacheStatus).toBe('fwd=uri-miss;fwd-status=200;detail=unkeyed-input')
  expect((await ask('/x')).text).toBe('')
  expect(requests).toHaveLength(2)
})

test('a header of the key, of Vary or declared as harmless is reported by nobody and stored', async () => {
  for (const options of [{ headers: ['X-Forwarded-Host'] }, { unkeyed: ['x-forwarded-host'] }, {}]) {
    const { inputs, onUnkeyedInput } = listening()
    const isVarying = Object.keys(options).length === 0
    const { ask } = serve(
      (request) =>
        new Response(
          request.headers.get('x-forwarded-host'),
          isVarying ? { headers: { vary: 'x-forwarded-host' } } : {},
        ),
      { ...TTL, ...options, inputs: 'strict', onUnkeyedInput },
    )
    await ask('/x')
    expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
    expect(inputs).toEqual([])
  }
})

test('asking whether a header is there is reading it', async () => {
  const { inputs, onUnkeyedInput } = listening()
  const { ask } = serve((request) => new Response(String(request.headers.has('x-beta'))), { ...TTL, onUnkeyedInput })
  await ask('/x')
  expect(inputs).toEqual([{ kind: 'header', name: 'x-beta', path: '/x' }])
})

test('going through all headers is reading those that are there', async () => {
  const ways: Handler[] = [
    (request) => new Response(JSON.stringify([...request.headers])),
    (request) => new Response(JSON.stringify([...request.headers.entries()])),
    (request) => new Response([...request.headers.values()].join()),
    (request) => new Response([...request.headers.keys()].join()),
    (request) => {
      const seen: string[] = []
      request.headers.forEach((value) => seen.push(value))
      return new Response(seen.join())
    },
    (request) => new Response(new Headers(request.headers).get('x-beta')),
  ]
  for (const [way, handler] of ways.entries()) {
    const { inputs, onUnkeyedInput } = listening()
    const { ask } = serve(handler, { ...TTL, onUnkeyedInput })
    await ask('/x', { 'x-beta': '1' })
    expect(inputs, `way ${way}`).toContainEqual({ kind: 'header', name: 'x-beta', path: '/x' })
  }
})

test('`off` neither reports nor refuses', async () => {
  const { inputs, onUnkeyedInput } = listening()
  const { ask } = serve(reflecting, { ...TTL, inputs: 'off', onUnkeyedInput })
  await ask('/x')
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  expect(inputs).toEqual([])
})

test('the reporter remembers a thousand headers of a route, and then starts anew', () => {
  const { inputs, onUnkeyedInput } = listening()
  const report = inputReporter(onUnkeyedInput)
  const route = { inputs: 'strict' } as const
  const say = (name: string): void => report(route, { kind: 'header', name, path: '/' })
  for (let i = 0; i < 1000; i++) say(`x-${i}`)
  say('x-0')
  expect(inputs).toHaveLength(1000)
  say('x-new')
  say('x-0')
  expect(inputs).toHaveLength(1002)
})

test('where nobody listens the process is warned, with what to do about it', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  warnOfInput({ kind: 'header', name: 'x-beta', path: '/x' }, 'strict')
  expect(warn.mock.calls[0]![0]).toContain('`x-beta`')
  expect(warn.mock.calls[0]![0]).toContain('/x')
  warn.mockRestore()
})

test.each([
  ['strict', 'is not stored', /detail=unkeyed-input$/],
  ['warn', 'is stored all the same', /stored$/],
] as const)('the warning says what is done: %s', async (inputs, done, status) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { cache } = serve(reflecting)
  const responses = createResponseCache({ cache: cache.namespace('part') })
  const ask = cachedFetch(responses, { ...TTL, inputs }, async (request) => reflecting(request, 0))
  expect((await ask(new Request(`${ORIGIN}/x`))).headers.get('cache-status')).toMatch(status)
  expect(warn.mock.calls.flat()).toEqual([expect.stringContaining(done)])
  warn.mockRestore()
})

test('what is made of the URL alone is declared by the warning itself', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  warnOfInput({ kind: 'property', name: 'req.product', path: '/x' }, 'strict')
  expect(warn.mock.calls[0]![0]).toMatch(/made of the URL alone.*name it in `unkeyed`/)
  warn.mockRestore()
})

test('the type of a body is nothing that a response is made of where there is no body', async () => {
  const { ask } = serve((request) => new Response(String(request.headers.get('content-type'))), TTL)
  for (const type of ['text/a', 'text/b']) expect((await ask('/x', { 'content-type': type })).text).toBe('null')
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  const declared = serve((request) => new Response(String(request.headers.get('content-type'))), {
    ...TTL,
    headers: ['content-type'],
  })
  for (const type of ['text/a', 'text/b']) expect((await declared.ask('/x', { 'content-type': type })).text).toBe(type)
})
