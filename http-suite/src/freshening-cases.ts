import { BRIEF, FRESH, HIT, LATER, LONG_AGO, MISS, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const TAG = '"abcdef"'
const VALIDATED = { from: 'validated', status: 200, serves: 1, wait: LATER } as const satisfies Step
const brief = (headers: Fields): Step => store({ ...BRIEF, ...headers })
/** The 304 of a step that expects validation. */
const unmodified = (headers: Fields, rest: Step = {}): Step => ({ ...VALIDATED, ...rest, reply: { headers } })

/** Fields that a 304 replaces in the stored response. */
const REPLACED: readonly string[] = [
  'Test-Header',
  'X-Test-Header',
  'Content-Foo',
  'X-Content-Foo',
  'Content-Security-Policy',
  'X-Frame-Options',
  'Clear-Site-Data',
]

/** What a 304 of the origin changes in the stored response. */
export const FRESHENING_CASES: readonly SuiteCase[] = [
  may(
    'RFC 9111 §4.2.3',
    'what a 304 freshened is as old as the 304, not as the first response',
    brief({ ETag: TAG, 'Cache-Control': 'max-age=101', Age: '100' }),
    unmodified({ ...FRESH, ETag: TAG }),
    {
      ...HIT,
      serves: 1,
      check({ header }) {
        if (!(Number(header('age')) < 60)) throw new Error(`Age is ${header('age')}`)
      },
    },
  ),
  may(
    'RFC 9111 §4.3.4',
    'a 304 makes the stored response fresh again',
    brief({ ETag: TAG }),
    unmodified({ ...FRESH, ETag: TAG }),
    { ...HIT, wait: LATER, serves: 1 },
  ),
  may(
    'RFC 9111 §4.3.4',
    'a 304 to a Last-Modified makes it fresh again',
    brief({ 'Last-Modified': LONG_AGO }),
    unmodified({ ...FRESH, 'Last-Modified': LONG_AGO }),
    {
      ...HIT,
      wait: LATER,
      serves: 1,
    },
  ),
  must(
    'RFC 9111 §4.3.4',
    'a 304 with a short lifetime is fresh for that long',
    brief({ ETag: TAG }),
    unmodified({ ...BRIEF, ETag: TAG }),
    {
      ...MISS,
      wait: LATER,
    },
  ),
  must(
    'RFC 9111 §4.3.4',
    'a 304 with no-store is not kept as a fresh response',
    brief({ ETag: TAG }),
    unmodified({ 'Cache-Control': 'no-store', ETag: TAG }),
    MISS,
  ),
  ...REPLACED.map((name) =>
    must(
      'RFC 9111 §3.2',
      `a 304 replaces ${name}`,
      brief({ ETag: TAG, [name]: 'old' }),
      unmodified({ ...FRESH, ETag: TAG, [name]: 'new' }, { has: { [name]: 'new' } }),
      {
        ...HIT,
        has: { [name]: 'new' },
        lacks: { [name]: /old/ },
      },
    ),
  ),
  must(
    'RFC 9111 §3.2',
    'a 304 replaces Cache-Control',
    brief({ ETag: TAG }),
    unmodified({ ...FRESH, ETag: TAG }, { has: { 'Cache-Control': 'max-age=3600' } }),
  ),
  must(
    'RFC 9111 §3.2',
    'a 304 replaces all lines of a field',
    brief({ ETag: TAG, 'Test-Header': ['a', 'b'] }),
    unmodified(
      { ...FRESH, ETag: TAG, 'Test-Header': 'c' },
      {
        has: { 'Test-Header': 'c' },
        lacks: { 'Test-Header': /a|b/ },
      },
    ),
  ),
  must(
    'RFC 9111 §3.2',
    'a field that a 304 omits stays',
    brief({ ETag: TAG, 'Test-Header': 'old' }),
    unmodified({ ...FRESH, ETag: TAG }, { has: { 'Test-Header': 'old' } }),
  ),
  must(
    'RFC 9111 §3.2',
    'a 304 does not change Content-Length of the stored body',
    { reply: { headers: { ...BRIEF, ETag: TAG }, body: 'body' } },
    {
      ...VALIDATED,
      reply: (request) =>
        request.header('if-none-match')
          ? { status: 304, headers: { ...FRESH, ETag: TAG, 'Content-Length': '10' } }
          : {},
      gets: 'body',
      lacks: { 'Content-Length': /^10$/ },
    },
  ),
  must(
    'RFC 9111 §3.2',
    'fields named by Connection of a 304 are not taken over',
    brief({ ETag: TAG }),
    unmodified(
      { ...FRESH, ETag: TAG, Connection: 'X-Hop', 'X-Hop': '1' },
      {
        lacks: { 'X-Hop': true },
      },
    ),
  ),
]
