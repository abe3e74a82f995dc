import { date, FRESH, HIT, LONG_AGO, MISS } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const FINAL = [200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 405, 410, 414, 499, 500, 501, 502, 503, 504, 599]
const HEURISTIC = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
const NOT_HEURISTIC = [201, 202, 302, 303, 307, 400, 403, 429, 500, 502, 503, 504, 599]

const reply = (status: number, headers: Fields): Step => ({ reply: { status, headers } })
const GUESSED = { 'Last-Modified': LONG_AGO } as const satisfies Fields

export const STATUS_CASES: readonly SuiteCase[] = [
  ...FINAL.flatMap((status) => [
    may('RFC 9111 §3', `a fresh ${status} is reused`, reply(status, FRESH), { ...HIT, status }),
    must(
      'RFC 9111 §4.2',
      `a stale ${status} is not reused`,
      reply(status, { Expires: date(-5000), 'Last-Modified': LONG_AGO }),
      { ...MISS, status: 200 },
    ),
  ]),
  ...HEURISTIC.map((status) =>
    may(
      'RFC 9111 §4.2.2',
      `a ${status} modified long ago is reused without explicit freshness`,
      reply(status, GUESSED),
      { ...HIT, status },
    ),
  ),
  ...NOT_HEURISTIC.map((status) =>
    must('RFC 9111 §4.2.2', `a ${status} without explicit freshness is not reused`, reply(status, GUESSED), MISS),
  ),
  ...[201, 302, 403].map((status) =>
    may(
      'RFC 9111 §4.2.2',
      `a public ${status} modified long ago is reused`,
      reply(status, { ...GUESSED, 'Cache-Control': 'public' }),
      {
        ...HIT,
        status,
      },
    ),
  ),
  must(
    'RFC 9111 §4.2.2',
    'what was modified in the future is not reused by heuristics',
    reply(200, { 'Last-Modified': date(3600) }),
    MISS,
  ),
  must(
    'RFC 9111 §4.2.2',
    'an invalid Last-Modified is no basis of heuristics',
    reply(200, { 'Last-Modified': 'long ago' }),
    MISS,
  ),
  must(
    'RFC 9111 §4.2.2',
    'an invalid Expires is not replaced by heuristics',
    reply(200, { ...GUESSED, Expires: '0' }),
    MISS,
  ),

  must(
    'RFC 9111 §5.2.2.3',
    'an unknown status with no-store, must-understand is not reused',
    reply(599, { 'Cache-Control': 'max-age=3600, no-store, must-understand' }),
    MISS,
  ),
  must(
    'RFC 9111 §5.2.2.3',
    'an unknown status with must-understand is not reused',
    reply(599, { 'Cache-Control': 'max-age=3600, must-understand' }),
    MISS,
  ),
  may(
    'RFC 9111 §5.2.2.3',
    'a known status with no-store, must-understand is reused',
    reply(200, { 'Cache-Control': 'max-age=3600, no-store, must-understand' }),
    HIT,
  ),
  must(
    'RFC 9111 §3',
    'a 304 to a condition of the client is not what others get',
    {
      send: { 'If-None-Match': '"theirs"' },
      reply: (request) => ({
        status: request.header('if-none-match') ? 304 : 200,
        headers: { ...FRESH, ETag: '"theirs"' },
        body: 'whole',
      }),
    },
    { status: 200, gets: 'whole', reply: { body: 'whole' } },
  ),
]
