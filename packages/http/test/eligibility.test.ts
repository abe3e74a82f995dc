import { describe, expect, test } from 'vitest'

import { whyNotLookedUp } from '../src/eligibility.ts'

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly profile?: 'safe' | 'rfc9111'
  readonly declared?: readonly string[]
}

function whyNot({ method = 'GET', headers = {}, profile = 'safe', declared = [] }: Sent) {
  const incoming = {
    method,
    scheme: 'http',
    authority: 'a.test',
    target: '/',
    header: (name: string) => headers[name],
  }
  return whyNotLookedUp(incoming, { profile }, { headers: declared })
}

test.each(['GET', 'HEAD'])('RFC 9111 §4: %s is looked up', (method) => expect(whyNot({ method })).toBeUndefined())

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY', 'get', 'Get', ''])(
  'RFC 9111 §4: %j is not looked up',
  (method) => expect(whyNot({ method })).toBe('method'),
)

test.each<[string, Record<string, string>, string | undefined]>([
  ['RFC 9110 §9.3.1: a body of known length', { 'content-length': '4' }, 'body'],
  ['RFC 9110 §9.3.1: a length that is none', { 'content-length': 'x' }, 'body'],
  ['RFC 9110 §9.3.1: a body of unknown length', { 'transfer-encoding': 'chunked' }, 'body'],
  ['RFC 9110 §8.6: an empty body', { 'content-length': '0' }, undefined],
  ['RFC 9110 §7.8: Upgrade', { connection: 'upgrade', upgrade: 'websocket' }, 'upgrade'],
  ['another method in a header', { 'x-http-method-override': 'DELETE' }, 'method-override'],
  ['another method in a shorter header', { 'x-http-method': '' }, 'method-override'],
  ['another method in a third header', { 'x-method-override': 'GET' }, 'method-override'],
  ['RFC 9110 §13.1.1: If-Match', { 'if-match': '*' }, 'precondition'],
  ['RFC 9110 §13.1.4: If-Unmodified-Since', { 'if-unmodified-since': '' }, 'precondition'],
  ['RFC 9110 §13.1.2: If-None-Match', { 'if-none-match': '"1"' }, undefined],
  ['RFC 9110 §14.2: Range', { range: 'bytes=0-1' }, undefined],
])('a GET with %s', (_what, headers, expected) => {
  for (const profile of ['safe', 'rfc9111'] as const) expect(whyNot({ headers, profile })).toBe(expected)
})

describe('RFC 9111 §3.5: Authorization', () => {
  const headers = { authorization: '' }

  test('keeps a request from the store, however empty it is', () => {
    expect(whyNot({ headers })).toBe('authorization')
  })

  test('is looked up where it is part of the key', () => {
    expect(whyNot({ headers, declared: ['authorization'] })).toBeUndefined()
    expect(whyNot({ headers, declared: ['accept'] })).toBe('authorization')
  })

  test('in rfc9111 it is the response that says whether it is for others', () => {
    expect(whyNot({ headers, profile: 'rfc9111' })).toBeUndefined()
  })
})
