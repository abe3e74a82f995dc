import { BRIEF, FRESH, HIT, LATER, LONG_AGO, MISS, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const TAG = '"abcdef"'
const VALIDATED = { from: 'validated', status: 200, serves: 1, wait: LATER } as const satisfies Step
const brief = (headers: Fields): Step => store({ ...BRIEF, ...headers })
/** The 304 of a step that expects validation. */
const unmodified = (headers: Fields, rest: Step = {}): Step => ({ ...VALIDATED, ...rest, reply: { headers } })

const asks = (title: string, headers: Fields, wanted: Readonly<Record<string, RegExp>>): SuiteCase =>
  may('RFC 9111 §4.3.1', title, brief(headers), unmodified(headers, { asks: wanted }))

export const VALIDATION_CASES: readonly SuiteCase[] = [
  asks('a strong ETag is validated with If-None-Match', { ETag: TAG }, { 'If-None-Match': /^"abcdef"$/ }),
  asks('a weak ETag is validated with If-None-Match', { ETag: 'W/"abcdef"' }, { 'If-None-Match': /^W\/"abcdef"$/ }),
  asks(
    'Last-Modified is validated with If-Modified-Since',
    { 'Last-Modified': LONG_AGO },
    { 'If-Modified-Since': /^Tue, 15 Nov 2022 12:45:26 GMT$/ },
  ),
  asks(
    'ETag and Last-Modified are both sent',
    { ETag: TAG, 'Last-Modified': LONG_AGO },
    {
      'If-None-Match': /^"abcdef"$/,
      'If-Modified-Since': /^Tue, 15 Nov 2022 12:45:26 GMT$/,
    },
  ),
  may(
    'RFC 9111 §5.2.2.4',
    'a response with no-cache is stored and validated',
    store({ 'Cache-Control': 'no-cache', ETag: TAG }),
    unmodified({ ETag: TAG }, { wait: 0 }),
  ),
  may(
    'RFC 9111 §5.2.2.4',
    'a response with no-cache is validated every time, in spite of max-age',
    store({ 'Cache-Control': 'no-cache, max-age=3600', ETag: TAG }),
    unmodified({ ETag: TAG }, { wait: 0 }),
    unmodified({ ETag: TAG }, { wait: 0 }),
  ),
  may(
    'RFC 9111 §4.2',
    'a response with max-age=0 is stored and validated',
    store({ 'Cache-Control': 'max-age=0', ETag: TAG }),
    unmodified({ ETag: TAG }, { wait: 0 }),
  ),
  must(
    'RFC 9111 §5.2.2.2',
    'a response with must-revalidate is not reused stale',
    brief({ ETag: TAG, 'Cache-Control': 'max-age=1, must-revalidate' }),
    { ...MISS, wait: LATER },
  ),
  may(
    'RFC 9111 §5.2.2.2',
    'a response with must-revalidate is validated when stale',
    brief({ ETag: TAG, 'Cache-Control': 'max-age=1, must-revalidate' }),
    unmodified({ ETag: TAG }),
  ),
  must(
    'RFC 9111 §4.1',
    'a validation has the field by which the response varies',
    store({ ...BRIEF, ETag: TAG, Vary: 'Abc' }, { send: { Abc: '123' } }),
    { ...unmodified({ ETag: TAG, Vary: 'Abc' }), send: { Abc: '123' }, asks: { Abc: /^123$/ } },
  ),
  must(
    'RFC 9111 §4.1',
    'a validation for another variant does not answer with the stored one',
    store({ ...BRIEF, ETag: TAG, Vary: 'Abc' }, { send: { Abc: '123' } }),
    { ...MISS, send: { Abc: '456' }, wait: LATER, reply: { headers: { ETag: '"other"', Vary: 'Abc' } } },
  ),

  must(
    'RFC 9111 §4.3.4',
    'a 304 with another strong ETag freshens nothing',
    brief({ ETag: TAG }),
    {
      wait: LATER,
      reply: (request) => ({
        status: request.header('if-none-match') ? 304 : 200,
        headers: { ...BRIEF, ETag: '"other"' },
      }),
    },
    { ...MISS, wait: LATER },
  ),
  must(
    'RFC 9111 §4.3.3',
    'a 200 to a validation replaces the stored response',
    brief({ ETag: TAG }),
    {
      ...MISS,
      wait: LATER,
      reply: { headers: { ...FRESH, ETag: '"new"' } },
    },
    { ...HIT, serves: 2, has: { ETag: '"new"' } },
  ),
  must('RFC 9111 §4.3.3', 'a 404 to a validation is passed on', brief({ ETag: TAG }), {
    ...MISS,
    wait: LATER,
    status: 404,
    reply: { status: 404 },
  }),
  must('RFC 9111 §4.3.1', 'a client with its own ETag does not get an older response for it', brief({ ETag: TAG }), {
    wait: LATER,
    send: { 'If-None-Match': '"mine"' },
    reply: (request) =>
      (request.header('if-none-match') ?? '').includes('"mine"')
        ? { status: 304, headers: { ETag: '"mine"' } }
        : { headers: { ETag: '"mine"' } },
    check({ header, status }) {
      if (status === 200 && header('x-reply') === '1')
        throw new Error('The stored response was given, which is not current')
    },
  }),
]
