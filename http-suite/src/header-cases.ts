import { FRESH, HIT, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

/** End-to-end fields, stored and given as received. */
const STORED: Fields = {
  'Test-Header': 'test-header',
  'X-Test-Header': 'x-test-header',
  'Content-Foo': 'content-foo',
  'X-Content-Foo': 'x-content-foo',
  'Cache-Control': 'max-age=3600, foo=bar',
  'Content-Encoding': 'identity',
  'Content-Language': 'de',
  'Content-Location': '/there',
  'Content-MD5': 'rL0Y20zC+Fzt72VPzMSk2A==',
  'Content-Security-Policy': "default-src 'self'",
  'Content-Type': 'text/plain; charset=utf-8',
  'Clear-Site-Data': '"cache"',
  ETag: '"abcdef"',
  Expires: 'Fri, 01 Jan 2100 01:01:01 GMT',
  'Last-Modified': 'Tue, 15 Nov 2022 12:45:26 GMT',
  Link: '</a>; rel="next"',
  Location: '/elsewhere',
  'Public-Key-Pins': 'pins',
  'Retry-After': '120',
  'Server-Timing': 'db;dur=53',
  'X-Frame-Options': 'deny',
  'X-XSS-Protection': '1; mode=block',
  'Set-Cookie2': 'a=b',
}

/** Fields of one connection, which are neither stored nor given to others. */
const NOT_STORED = [
  'Keep-Alive',
  'Proxy-Authenticate',
  'Proxy-Authentication-Info',
  'Proxy-Authorization',
  'Proxy-Connection',
  'TE',
  'Upgrade',
]

const names = (answer: { readonly lines: readonly (readonly [string, string])[] }): string =>
  answer.lines.flatMap(([name, value]) => (/^x-order/i.test(name) ? [`${name.toLowerCase()}=${value}`] : [])).join(' ')

export const HEADER_CASES: readonly SuiteCase[] = [
  ...Object.entries(STORED).map(([name, value]) =>
    must('RFC 9111 §3.1', `${name} is stored`, store({ ...FRESH, [name]: value }), {
      ...HIT,
      has: { [name]: value as string },
    }),
  ),
  must(
    'RFC 9111 §3.1',
    'Set-Cookie is stored with the response it came with',
    store({ ...FRESH, 'Set-Cookie': ['a=b; Path=/', 'c=d'] }),
    {
      ...HIT,
      has: { 'Set-Cookie': 'c=d' },
      check({ lines }) {
        const cookies = lines.filter(([name]) => name.toLowerCase() === 'set-cookie')
        if (cookies.length !== 2) throw new Error(`${cookies.length} lines of Set-Cookie, not 2`)
      },
    },
  ),
  must('RFC 9110 §5.3', 'lines of one field keep their order', store({ ...FRESH, 'X-Order': ['3', '1', '2'] }), {
    ...HIT,
    check(answer) {
      if (!/^(x-order=3 x-order=1 x-order=2|x-order=3, ?1, ?2)$/.test(names(answer)))
        throw new Error(`The lines are ${names(answer)}`)
    },
  }),
  must('RFC 9110 §5.5', 'bytes above ASCII in a value stay', store({ ...FRESH, 'Test-Header': '\u00fc\u00ff' }), {
    ...HIT,
    has: { 'Test-Header': '\u00fc\u00ff' },
  }),
  may(
    'RFC 9110 §5.3',
    'fields keep their order',
    store({ ...FRESH, 'X-Order-B': '1', 'X-Order-A': '2', 'X-Order-C': '3' }),
    {
      ...HIT,
      check(answer) {
        if (names(answer) !== 'x-order-b=1 x-order-a=2 x-order-c=3') throw new Error(`The order is ${names(answer)}`)
      },
    },
  ),

  ...NOT_STORED.map((name) =>
    must('RFC 9111 §3.1', `${name} is not stored`, store({ ...FRESH, [name]: 'of-one-connection' }), {
      ...HIT,
      lacks: { [name]: /of-one-connection/ },
    }),
  ),
  must(
    'RFC 9111 §3.1',
    'Connection and what it names are not stored',
    store({ ...FRESH, Connection: 'X-A, X-b', 'X-A': '1', 'X-B': '2', 'X-C': '3' }),
    {
      ...HIT,
      has: { 'X-C': '3' },
      lacks: { 'X-A': true, 'X-B': true, Connection: /x-a/i },
    },
  ),

  must(
    'RFC 9111 §5.2.2.4',
    'a field named by no-cache is not reused without validation',
    store({ 'Cache-Control': 'max-age=3600, no-cache="X-A"', 'X-A': '1', 'X-B': '2' }),
    {
      ...HIT,
      lacks: { 'X-A': true },
      has: { 'X-B': '2' },
    },
  ),
  must(
    'RFC 9111 §5.2.2.4',
    'several fields named by no-cache are not reused',
    store({ 'Cache-Control': 'no-cache="X-A, x-b", max-age=3600', 'X-A': '1', 'X-B': '2', 'X-C': '3' }),
    {
      ...HIT,
      lacks: { 'X-A': true, 'X-B': true },
      has: { 'X-C': '3' },
    },
  ),
  must(
    'RFC 9111 §5.2.2.7',
    'a field named by private is not stored',
    store({ 'Cache-Control': 'max-age=3600, private="X-A"', 'X-A': '1', 'X-B': '2' }),
    {
      ...HIT,
      lacks: { 'X-A': true },
      has: { 'X-B': '2' },
    },
  ),
  must(
    'RFC 9111 §5.2.2.7',
    'several fields named by private are not stored',
    store({ 'Cache-Control': 'max-age=3600, private="x-a,X-B"', 'X-A': '1', 'X-B': '2' }),
    {
      ...HIT,
      lacks: { 'X-A': true, 'X-B': true },
    },
  ),
]
