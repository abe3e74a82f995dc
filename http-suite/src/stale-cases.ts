import { HIT, LATER, MISS, store } from './case-parts.ts'
import type { Check, Reply, Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const control = (text: string): Step => store({ 'Cache-Control': text })
const STALE = { ...HIT, background: true, wait: LATER, serves: 1 } as const satisfies Step
const FAILURES: Readonly<Record<string, Reply>> = {
  'a 500': { status: 500 },
  'a 502': { status: 502 },
  'a 503': { status: 503 },
  'a 504': { status: 504 },
  'a connection that is cut': { breakOff: 'before-header' },
}
/** What forbids a stale response to a shared cache. */
const FORBID = ['must-revalidate', 'proxy-revalidate', 's-maxage=1', 'no-cache']

const isFailure: Check = ({ status, header }) => {
  if (status < 500 && status !== 0) throw new Error(`The status is ${status}, not that of a failure`)
  if (header('x-reply') === '1') throw new Error('The stale response was served')
}

export const STALE_CASES: readonly SuiteCase[] = [
  may(
    'RFC 5861 §3',
    'a stale response is served within stale-while-revalidate',
    control('max-age=1, stale-while-revalidate=3600'),
    STALE,
  ),
  may(
    'RFC 5861 §3',
    'a stale response is served within stale-while-revalidate to a client with an unknown directive',
    control('max-age=1, stale-while-revalidate=3600'),
    { ...STALE, send: { 'Cache-Control': 'nothing-to-see-here', Pragma: 'foo' } },
  ),
  may(
    'RFC 5861 §3',
    'a response served stale is replaced in the background, by one request',
    control('max-age=1, stale-while-revalidate=3600'),
    { ...STALE, reply: { headers: { 'Cache-Control': 'max-age=3600' } } },
    { ...HIT, wait: 1, serves: 2, asked: 2 },
  ),
  may(
    'RFC 5861 §3',
    'a response served stale is validated in the background',
    store({ 'Cache-Control': 'max-age=1, stale-while-revalidate=3600', ETag: '"a"' }),
    {
      ...STALE,
      reply: (request) =>
        request.header('if-none-match') === '"a"'
          ? { status: 304, headers: { 'Cache-Control': 'max-age=3600', ETag: '"a"' } }
          : { headers: { 'Cache-Control': 'max-age=3600' } },
    },
    { ...HIT, wait: 1, serves: 1 },
  ),
  may(
    'RFC 5861 §3',
    'a response served stale has an Age above its lifetime',
    control('max-age=1, stale-while-revalidate=3600'),
    {
      ...STALE,
      check({ header }) {
        if (!(Number(header('age')) >= 1)) throw new Error(`Age is ${header('age')}`)
      },
    },
  ),
  must(
    'RFC 5861 §3',
    'a stale response is not served after stale-while-revalidate',
    control('max-age=1, stale-while-revalidate=1'),
    {
      ...MISS,
      wait: 2.3,
    },
  ),
  must('RFC 5861 §3', 'a stale response is not served without stale-while-revalidate', control('max-age=1'), {
    ...MISS,
    wait: LATER,
  }),
  must('RFC 5861 §3', 'an invalid stale-while-revalidate is none', control('max-age=1, stale-while-revalidate=abc'), {
    ...MISS,
    wait: LATER,
  }),
  ...FORBID.map((directive) =>
    must(
      'RFC 9111 §4.2.4',
      `${directive} forbids stale-while-revalidate`,
      control(`max-age=1, ${directive}, stale-while-revalidate=3600`),
      {
        ...MISS,
        wait: LATER,
      },
    ),
  ),

  ...Object.entries(FAILURES).flatMap(([what, reply]) => [
    may(
      'RFC 5861 §4',
      `a stale response within stale-if-error is served instead of ${what}`,
      control('max-age=1, stale-if-error=3600'),
      {
        ...STALE,
        reply,
        status: 200,
      },
    ),
    must(
      'RFC 5861 §4',
      `a stale response is not served instead of ${what} after stale-if-error`,
      control('max-age=1, stale-if-error=1'),
      {
        wait: 2.3,
        reply,
        check: isFailure,
      },
    ),
    ...FORBID.map((directive) =>
      must(
        'RFC 9111 §4.2.4',
        `${directive} forbids a stale response instead of ${what}`,
        control(`max-age=1, ${directive}, stale-if-error=3600`),
        {
          wait: LATER,
          reply,
          check: isFailure,
        },
      ),
    ),
  ]),
  must('RFC 5861 §4', 'a 404 is no error that stale-if-error is for', control('max-age=1, stale-if-error=3600'), {
    ...MISS,
    wait: LATER,
    status: 404,
    reply: { status: 404 },
  }),
  must('RFC 5861 §4', 'a fresh reply is preferred to a stale response', control('max-age=1, stale-if-error=3600'), {
    ...MISS,
    wait: LATER,
  }),
  ...FORBID.map((directive) =>
    must(
      'RFC 9111 §5.2.2.2',
      `a stale response with ${directive} is an error when the origin cannot be reached`,
      control(`max-age=1, ${directive}`),
      {
        wait: LATER,
        reply: { breakOff: 'before-header' },
        check: isFailure,
      },
    ),
  ),
]
