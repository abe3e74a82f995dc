import { FRESH, HIT, MISS, store } from './case-parts.ts'
import type { Fields, Value } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const SECTION = 'RFC 9111 §4.4'
const UNSAFE = ['POST', 'PUT', 'DELETE', 'PATCH', 'MKCOL']
const write = (method: string, status: number, headers: Fields = {}): Step => ({
  method,
  body: 'abc',
  status,
  reply: { status, headers },
})
const path: Value = ({ url }) => `${new URL(url).pathname}/other`
const absolute: Value = ({ url }) => `${url}/other`
const OTHER = { to: '/other' } as const
const ELSEWHERE = { to: '/other', send: { Host: 'other.example' } } as const

export const INVALIDATION_CASES: readonly SuiteCase[] = [
  ...UNSAFE.flatMap((method) => [
    must(SECTION, `${method} invalidates the stored response`, store(FRESH), write(method, 200), MISS),
    may(SECTION, `${method} that failed with 500 leaves the stored response`, store(FRESH), write(method, 500), {
      ...HIT,
      serves: 1,
    }),
    may(SECTION, `${method} that failed with 404 leaves the stored response`, store(FRESH), write(method, 404), {
      ...HIT,
      serves: 1,
    }),
  ]),
  ...[201, 204, 301, 302, 303].map((status) =>
    must(SECTION, `POST answered ${status} invalidates the stored response`, store(FRESH), write('POST', status), MISS),
  ),
  must(
    SECTION,
    'POST with no-store in its answer invalidates the stored response',
    store(FRESH),
    write('POST', 200, { 'Cache-Control': 'no-store' }),
    MISS,
  ),
  must(
    SECTION,
    'an unknown method that succeeded invalidates the stored response',
    store(FRESH),
    write('M-SEARCH', 200),
    MISS,
  ),
  must(
    SECTION,
    'POST invalidates every variant',
    store({ ...FRESH, Vary: 'Foo' }, { send: { Foo: '1' } }),
    store({ ...FRESH, Vary: 'Foo' }, { send: { Foo: '2' } }),
    { ...write('POST', 200), send: { Foo: '3' } },
    { ...MISS, send: { Foo: '1' } },
    { ...MISS, send: { Foo: '2' } },
  ),
  must(
    SECTION,
    'POST with a query invalidates what has that query',
    store(FRESH, { to: '?a=1' }),
    { ...write('POST', 200), to: '?a=1' },
    { ...MISS, to: '?a=1' },
  ),
  may(
    SECTION,
    'POST leaves what has another query',
    store(FRESH, { to: '?a=1' }),
    { ...write('POST', 200), to: '?a=2' },
    { ...HIT, to: '?a=1', serves: 1 },
  ),
  must(
    SECTION,
    'what is loaded after an invalidation is reused by itself',
    store(FRESH),
    write('POST', 200),
    { ...store(FRESH), ...MISS },
    {
      ...HIT,
      serves: 3,
    },
  ),
  ...['OPTIONS', 'HEAD'].map((method) =>
    may(SECTION, `${method} leaves the stored response`, store(FRESH), { method, reply: {} }, { ...HIT, serves: 1 }),
  ),

  ...(['Location', 'Content-Location'] as const).flatMap((name) => [
    may(
      SECTION,
      `POST invalidates what its ${name} names by path`,
      store(FRESH, OTHER),
      write('POST', 201, { [name]: path }),
      { ...MISS, ...OTHER },
    ),
    may(
      SECTION,
      `PUT invalidates what its ${name} names by path`,
      store(FRESH, OTHER),
      write('PUT', 200, { [name]: path }),
      { ...MISS, ...OTHER },
    ),
    may(
      SECTION,
      `POST invalidates what its ${name} names by URL`,
      store(FRESH, OTHER),
      write('POST', 201, { [name]: absolute }),
      { ...MISS, ...OTHER },
    ),
    may(
      SECTION,
      `POST that failed leaves what its ${name} names`,
      store(FRESH, OTHER),
      write('POST', 500, { [name]: path }),
      { ...HIT, ...OTHER, serves: 1 },
    ),
    must(
      SECTION,
      `POST leaves what its ${name} names at another origin`,
      store(FRESH, ELSEWHERE),
      write('POST', 201, { [name]: ({ url }) => `http://other.example${new URL(url).pathname}/other` }),
      { ...HIT, ...ELSEWHERE, serves: 1 },
    ),
    must(
      SECTION,
      `POST survives a ${name} that is no URL`,
      store(FRESH),
      write('POST', 200, { [name]: 'http://[:::]//\\' }),
      MISS,
    ),
  ]),
]
