import { FRESH, HIT, LONG_AGO, MISS, notReused, reused, store } from './case-parts.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const AUTHORIZED = { send: { Authorization: 'Basic dTpw' } } as const satisfies Step
const BOTH = ['max-age=3600', 'private'] as const

export const STORING_CASES: readonly SuiteCase[] = [
  ...notReused('RFC 9111 §5.2.2.5', {
    'a response with no-store': { 'Cache-Control': 'no-store', 'Last-Modified': LONG_AGO },
    'a response with nO-sToRe': { 'Cache-Control': 'nO-sToRe, max-age=3600' },
    'a response with no-store and explicit freshness': { 'Cache-Control': 'max-age=3600, s-maxage=3600, no-store' },
    'a response with no-store in a second line': { 'Cache-Control': ['max-age=3600', 'no-store'] },
    'a response with no-store and public': { 'Cache-Control': 'public, max-age=3600, no-store' },
    'a response with no-store after garbage': { 'Cache-Control': ',, =, ;;, max-age=3600 , , no-store' },
    'a response with no-store between tabs': { 'Cache-Control': 'max-age=3600,\tno-store\t' },
  }),
  must(
    'RFC 9111 §5.2.2.5',
    'a no-store response to a validation is passed on and does not become a reusable one',
    store({ 'Cache-Control': 'max-age=3600, no-cache', ETag: '"a"' }),
    { ...MISS, reply: { headers: { 'Cache-Control': 'no-store, max-age=3600' } } },
    MISS,
  ),

  ...notReused('RFC 9111 §5.2.2.7', {
    'a response with private': { 'Cache-Control': 'private, max-age=3600' },
    'a response with pRiVaTe': { 'Cache-Control': 'max-age=3600, pRiVaTe' },
    'a response with private in a second line': { 'Cache-Control': BOTH },
    'a response with private and public': { 'Cache-Control': 'private, public, max-age=3600' },
    'a response with private and s-maxage': { 'Cache-Control': 's-maxage=3600, private' },
    'a response with private=""': { 'Cache-Control': 'max-age=3600, private=""' },
    'a response with an unterminated private="x': { 'Cache-Control': 'max-age=3600, private="x' },
  }),
  ...reused('RFC 9111 §5.2', {
    'a response with private inside a quoted string': { 'Cache-Control': 'max-age=3600, ext="a, private"' },
    'a response with no-store inside a quoted string': { 'Cache-Control': 'ext="no-store, b", max-age=3600' },
    'a response with an escaped quote in a quoted string': {
      'Cache-Control': 'ext="\\", no-store, \\"", max-age=3600',
    },
    'a response with a directive that ends like private': { 'Cache-Control': 'max-age=3600, not-private' },
  }),

  must('RFC 9111 §3.5', 'a response to Authorization is not reused', store(FRESH, AUTHORIZED), MISS),
  must('RFC 9111 §3.5', 'a response to Authorization is not reused for another user', store(FRESH, AUTHORIZED), {
    ...MISS,
    send: { Authorization: 'Basic b3RoZXI=' },
  }),
  must(
    'RFC 9111 §3.5',
    'a response to Authorization with Expires is not reused',
    store({ Expires: 'Fri, 01 Jan 2100 00:00:00 GMT' }, AUTHORIZED),
    MISS,
  ),
  ...['public, max-age=3600', 's-maxage=3600', 'must-revalidate, max-age=3600'].map((control) =>
    may(
      'RFC 9111 §3.5',
      `a response to Authorization with ${control} is reused`,
      store({ 'Cache-Control': control }, AUTHORIZED),
      HIT,
    ),
  ),

  may('RFC 9111 §7.3', 'a fresh response with Set-Cookie is reused', store({ ...FRESH, 'Set-Cookie': 'a=b' }), HIT),
  may('RFC 9111 §7.3', 'a request with Cookie gets a stored response', store(FRESH), {
    ...HIT,
    send: { Cookie: 'a=b' },
  }),

  must('RFC 9111 §2', 'another query is another response', store(FRESH, { to: '?a=1' }), { ...MISS, to: '?a=2' }),
  must('RFC 9111 §2', 'a query is not confused with none', store(FRESH), { ...MISS, to: '?a=1' }),
  must('RFC 9111 §2', 'a query is case-sensitive', store(FRESH, { to: '?a=b' }), { ...MISS, to: '?a=B' }),
  must('RFC 9111 §2', 'a path is case-sensitive', store(FRESH, { to: '/a' }), { ...MISS, to: '/A' }),
  must('RFC 9111 §2', 'an encoded slash is not a slash', store(FRESH, { to: '/a/b' }), { ...MISS, to: '/a%2fb' }),
  must('RFC 9111 §2', 'an encoded ampersand is not a separator', store(FRESH, { to: '?a=1&b=2' }), {
    ...MISS,
    to: '?a=1%26b=2',
  }),
  may('RFC 9111 §2', 'the same query gets the stored response', store(FRESH, { to: '?a=1&b=2' }), {
    ...HIT,
    to: '?a=1&b=2',
  }),
  must('RFC 9111 §2', 'another host is another response', store(FRESH, { send: { Host: 'a.example' } }), {
    ...MISS,
    send: { Host: 'b.example' },
  }),
  may(
    'RFC 9111 §2',
    'the same host in other letters gets the stored response',
    store(FRESH, { send: { Host: 'a.example' } }),
    { ...HIT, send: { Host: 'A.Example' } },
  ),
]
