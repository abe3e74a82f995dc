import { FRESH, HIT, MISS, store } from './case-parts.ts'
import type { Check, Reply, Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const LARGE = Buffer.alloc(1_000_000, 'abcdefghij')
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
const CUT = { reply: { headers: FRESH, body: LARGE, breakOff: 'in-body' } } as const satisfies Step
const CHUNKED = { ...FRESH, 'Transfer-Encoding': 'chunked' } as const

const same = (title: string, body: Buffer, headers: Reply['headers'] = FRESH): SuiteCase =>
  must(
    'RFC 9111 §4',
    title,
    { reply: { headers, body } },
    {
      ...HIT,
      check(answer) {
        if (!answer.body.equals(body))
          throw new Error(`The body has ${answer.body.length} bytes, not the ${body.length} stored`)
      },
    },
  )

const hints = (status: 102 | 103): Reply => ({
  headers: FRESH,
  interim: [{ status, headers: { 'x-interim': '1' } }],
})
const passes =
  (status: number): Check =>
  ({ interim }) => {
    if (!interim.some((one) => one.status === status)) throw new Error(`No ${status} arrived`)
  }
const noInterim: Check = ({ interim }) => {
  if (interim.length > 0) throw new Error('An interim response was replayed')
}

export const MESSAGE_CASES: readonly SuiteCase[] = [
  must('RFC 9111 §3.3', 'a response cut in its body is not stored', CUT, { ...MISS, status: 200 }),
  must(
    'RFC 9111 §3.3',
    'a chunked response cut in its body is not stored',
    { reply: { ...CUT.reply, headers: CHUNKED } },
    { ...MISS, status: 200 },
  ),
  must('RFC 9112 §8', 'a response cut in its body does not look complete to the client', {
    ...CUT,
    check({ brokenOff, status }) {
      if (!brokenOff && status === 200) throw new Error('The client cannot tell that the body is incomplete')
    },
  }),
  may('RFC 9111 §3', 'a chunked response is reused', { reply: { headers: CHUNKED } }, HIT),
  may(
    'RFC 9111 §3',
    'a response without a body is reused',
    { reply: { headers: FRESH, body: '' } },
    { ...HIT, gets: '' },
  ),
  same('a stored body has every byte', BYTES),
  same('a stored large body is complete', LARGE),
  same('a stored large chunked body is complete', LARGE, CHUNKED),
  same('a stored encoded body is not decoded', BYTES, { ...FRESH, 'Content-Encoding': 'x-unknown' }),

  may(
    'RFC 9111 §5.3',
    'a response of an HTTP/1.0 origin with Expires is reused',
    { reply: { http10: true, headers: { Expires: 'Fri, 01 Jan 2100 00:00:00 GMT' } } },
    HIT,
  ),
  must(
    'RFC 9111 §5.3',
    'a response of an HTTP/1.0 origin with a past Expires is not reused',
    { reply: { http10: true, headers: { Expires: 'Sat, 01 Jan 2000 00:00:00 GMT', Pragma: 'foo' } } },
    MISS,
  ),
  may(
    'RFC 9110 §6.6.1',
    'a response of an HTTP/1.0 origin without Date is reused',
    { reply: { http10: true, headers: { ...FRESH, Date: [] } } },
    HIT,
  ),

  may(
    'RFC 9110 §15.2',
    '102 is passed on and the final response stored',
    { reply: hints(102), check: passes(102) },
    HIT,
  ),
  may(
    'RFC 9110 §15.2',
    '103 is passed on and the final response stored',
    { reply: hints(103), check: passes(103) },
    HIT,
  ),
  must(
    'RFC 9110 §15.2',
    'an interim response is not stored',
    { status: 200, reply: hints(103) },
    { ...HIT, status: 200, check: noInterim },
  ),
  must(
    'RFC 9110 §15.2',
    'fields of an interim response are not those of the final one',
    { reply: hints(103), lacks: { 'X-Interim': true } },
    {
      ...HIT,
      lacks: { 'X-Interim': true },
    },
  ),

  may('RFC 9211 §2', 'Cache-Status tells of a hit', store(FRESH), { ...HIT, has: { 'Cache-Status': /;\s*hit(;|$)/ } }),
  may('RFC 9211 §2', 'Cache-Status tells why the origin was asked', {
    ...store(FRESH),
    ...MISS,
    has: { 'Cache-Status': /;\s*fwd=(uri-miss|miss)\b/ },
  }),
  may('RFC 9211 §2', 'Cache-Status tells of a method that is not cached', {
    ...MISS,
    method: 'POST',
    body: 'a',
    has: { 'Cache-Status': /;\s*fwd=(method|bypass)\b/ },
  }),
  must('RFC 9211 §2.2', 'Cache-Status of a hit has no fwd', store(FRESH), {
    ...HIT,
    lacks: { 'Cache-Status': /;\s*fwd/ },
  }),
  must('RFC 9211 §2.1', 'Cache-Status of a forwarded request has no hit', {
    ...store(FRESH),
    lacks: { 'Cache-Status': /;\s*hit/ },
  }),
]
