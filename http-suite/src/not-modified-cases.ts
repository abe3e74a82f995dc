import { FRESH, HIT, LATER, LONG_AGO, MISS, store } from './case-parts.ts'
import type { Check, Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const TAG = '"abcdef"'
/** A request whose condition the stored response meets. */
const SAME = { ...HIT, send: { 'If-None-Match': TAG } } as const satisfies Step

const noBody: Check = ({ body }) => {
  if (body.length > 0) throw new Error('A 304 has a body')
}

/** What a cache that answers 304 has to put into it, and how it comes to one by asking the origin. */
export const NOT_MODIFIED_CASES: readonly SuiteCase[] = [
  ...(
    [
      ['ETag', { ETag: TAG }, TAG],
      ['Cache-Control', {}, 'max-age=3600'],
      ['Date', { Date: 'Tue, 15 Nov 2022 12:45:26 GMT', 'Cache-Control': 'max-age=2147483647' }, LONG_AGO],
      ['Expires', { Expires: 'Fri, 01 Jan 2100 00:00:00 GMT' }, 'Fri, 01 Jan 2100 00:00:00 GMT'],
      ['Vary', { Vary: 'Foo' }, 'Foo'],
      ['Content-Location', { 'Content-Location': '/there' }, '/there'],
    ] as const
  ).map(([name, headers, value]) =>
    must(
      'RFC 9110 §15.4.5',
      `a 304 made from a stored response has its ${name}`,
      store({ ...FRESH, ETag: TAG, ...headers }),
      {
        ...SAME,
        check(answer) {
          noBody(answer, [])
          if (answer.status === 304 && answer.header(name.toLowerCase()) !== value)
            throw new Error(`The 304 has no ${name}: ${value}`)
        },
      },
    ),
  ),
  must('RFC 9110 §15.4.5', 'a 304 has no Content-Length of its own', store({ ...FRESH, ETag: TAG }), {
    ...SAME,
    check({ status, header }) {
      if (status === 304 && header('content-length') === '0')
        throw new Error('Content-Length of the 304 is not that of a 200')
    },
  }),
  must('RFC 9111 §4', 'a 304 made from a stored response has Age', store({ ...FRESH, ETag: TAG, Age: '30' }), {
    ...SAME,
    check({ status, header }) {
      if (status === 304 && !(Number(header('age')) >= 30)) throw new Error(`Age of the 304 is ${header('age')}`)
    },
  }),

  may(
    'RFC 9111 §4.3.2',
    'a condition of the client is answered after a stale response was validated',
    store({ 'Cache-Control': 'max-age=1', ETag: TAG }),
    {
      send: { 'If-None-Match': TAG },
      wait: LATER,
      from: 'validated',
      status: 304,
      reply: { headers: { ...FRESH, ETag: TAG } },
    },
  ),
  must(
    'RFC 9111 §4.3.2',
    'a condition of the client that fails after a validation gets the whole response',
    store({ 'Cache-Control': 'max-age=1', ETag: TAG }),
    {
      send: { 'If-None-Match': '"1234"' },
      wait: LATER,
      status: 200,
      reply: (request) =>
        (request.header('if-none-match') ?? '').includes(TAG)
          ? { status: 304, headers: { ...FRESH, ETag: TAG } }
          : { headers: { ...FRESH, ETag: TAG } },
    },
  ),
  may(
    'RFC 9111 §4.3.2',
    'what a condition of the client brought is stored whole',
    { send: { 'If-None-Match': '"1234"' }, reply: { headers: { ...FRESH, ETag: TAG } } },
    { ...HIT, status: 200, serves: 1 },
  ),
  must(
    'RFC 9111 §4.3.2',
    'a request with a condition that failed is not what others get',
    { send: { 'If-None-Match': '"1234"' }, reply: { headers: { ...FRESH, ETag: TAG } } },
    { status: 200 },
  ),
  must('RFC 9111 §4.3.2', 'a condition on a POST is not answered by the cache', store({ ...FRESH, ETag: TAG }), {
    ...MISS,
    send: { 'If-None-Match': TAG },
    method: 'POST',
    body: 'a',
  }),
]
