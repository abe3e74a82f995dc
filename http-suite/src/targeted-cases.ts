import { date, goesStale, LATER, LONG_AGO, MISS, notReused, reused, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const SECTION = 'RFC 9213 §2.2'
const SYNTAX = 'RFC 9213 §2.1'
const cdn = (value: string | readonly string[], rest: Fields = {}): Fields => ({ 'CDN-Cache-Control': value, ...rest })
const FOR_ALL = { 'Cache-Control': 'max-age=3600', Expires: date(3600) } as const satisfies Fields
const FORBIDDEN = { 'Cache-Control': 'no-store' } as const satisfies Fields

export const TARGETED_CASES: readonly SuiteCase[] = [
  ...reused(SECTION, {
    'a response with CDN-Cache-Control: max-age': cdn('max-age=3600'),
    'a response with CDN-Cache-Control: max-age of 2147483648': cdn('max-age=2147483648'),
    'a response with CDN-Cache-Control: max-age of 99999999999': cdn('max-age=99999999999'),
    'a response with CDN-Cache-Control: max-age and a past Expires': cdn('max-age=3600', { Expires: date(-3600) }),
    'a response with CDN-Cache-Control: max-age and an invalid Expires': cdn('max-age=3600', { Expires: '0' }),
    'a response with CDN-Cache-Control: max-age and no-store for others': cdn('max-age=3600', FORBIDDEN),
    'a response with CDN-Cache-Control: max-age and private for others': cdn('max-age=3600', {
      'Cache-Control': 'private',
    }),
    'a response with CDN-Cache-Control: max-age and no-cache for others': cdn('max-age=3600', {
      'Cache-Control': 'no-cache',
    }),
    'a response with CDN-Cache-Control: max-age and max-age=0 for others': cdn('max-age=3600', {
      'Cache-Control': 'max-age=0',
    }),
    'a response with CDN-Cache-Control: max-age above its Age': cdn('max-age=3600', { Age: '600' }),
    'a response with a CDN-Cache-Control that is empty': cdn('', FOR_ALL),
  }),
  ...reused(SYNTAX, {
    'a response with an unknown directive in CDN-Cache-Control': cdn('foobar, max-age=3600'),
    'a response with a parameter in CDN-Cache-Control': cdn('max-age=3600;foo=bar'),
    'a response with two lines of CDN-Cache-Control': cdn(['foo', 'max-age=3600']),
    'a response with an invalid CDN-Cache-Control and max-age for others': cdn('max-age=0, &&&', FOR_ALL),
    'a response with a field in capitals: CDN-CACHE-CONTROL': { 'CDN-CACHE-CONTROL': 'max-age=3600' },
  }),
  ...goesStale(SECTION, {
    'CDN-Cache-Control: max-age=1 with a longer max-age for others': cdn('max-age=1', FOR_ALL),
    'CDN-Cache-Control: max-age=1 with a longer s-maxage for others': cdn('max-age=1', {
      'Cache-Control': 's-maxage=3600',
    }),
  }),
  ...notReused(SECTION, {
    'a response with CDN-Cache-Control: max-age=0': cdn('max-age=0', FOR_ALL),
    'a response with CDN-Cache-Control: private': cdn('private', FOR_ALL),
    'a response with CDN-Cache-Control: no-cache': cdn('no-cache', FOR_ALL),
    'a response with CDN-Cache-Control: no-store': cdn('no-store', FOR_ALL),
    'a response with CDN-Cache-Control: no-store in a second line': cdn(['max-age=3600', 'no-store'], FOR_ALL),
    'a response with CDN-Cache-Control: max-age below its Age': cdn('max-age=3600', { ...FOR_ALL, Age: '7200' }),
    'a response with a CDN-Cache-Control that says nothing of its lifetime': cdn('foobar', FOR_ALL),
  }),
  ...notReused(SYNTAX, {
    'a response with an invalid CDN-Cache-Control and no-store for others': cdn('max-age=3600, &&&', FORBIDDEN),
    'a response with CDN-Cache-Control: max-age that is a string and no-store for others': cdn(
      'max-age="3600"',
      FORBIDDEN,
    ),
    'a response with CDN-Cache-Control: max-age that is a fraction and no-store for others': cdn(
      'max-age=3600.5',
      FORBIDDEN,
    ),
    'a response with CDN-Cache-Control: Max-Age in capitals and no-store for others': cdn('Max-Age=3600', FORBIDDEN),
    'a response with spaces around = in CDN-Cache-Control and no-store for others': cdn('max-age = 3600', FORBIDDEN),
  }),
  must(
    SECTION,
    'must-revalidate in CDN-Cache-Control forbids a stale response',
    store(cdn('max-age=1, must-revalidate', { 'Cache-Control': 'max-age=1, stale-if-error=3600' })),
    {
      wait: LATER,
      reply: { status: 503 },
      status: 503,
    },
  ),
  may(
    SECTION,
    'a response with CDN-Cache-Control: no-cache is validated',
    store(cdn('no-cache', { ...FOR_ALL, 'Last-Modified': LONG_AGO })),
    {
      from: 'validated',
      reply: { headers: cdn('no-cache', FOR_ALL) },
    },
  ),
  must(
    SECTION,
    'CDN-Cache-Control of a 304 decides',
    store(cdn('max-age=1', { ETag: '"a"' })),
    {
      from: 'validated',
      wait: LATER,
      reply: { headers: cdn('max-age=0', { ...FOR_ALL, ETag: '"a"' }) },
    },
    MISS,
  ),
]
