import { date, FRESH, HIT, LONG_AGO } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const BODY = '0123456789'
const TAG = '"abcdef"'
const whole = (headers: Fields = {}): Step => ({ reply: { headers: { ...FRESH, ...headers }, body: BODY } })
const range = (value: string, rest: Fields = {}): { readonly send: Fields } => ({ send: { Range: value, ...rest } })
const WHOLE = { ...HIT, status: 200, gets: BODY } as const satisfies Step

export const RANGE_CASES: readonly SuiteCase[] = [
  ...[
    ['from the start', 'bytes=0-1', '01', 'bytes 0-1/10'],
    ['from the middle', 'bytes=3-5', '345', 'bytes 3-5/10'],
    ['of one byte', 'bytes=9-9', '9', 'bytes 9-9/10'],
    ['with an open end', 'bytes=1-', '123456789', 'bytes 1-9/10'],
    ['of the last byte', 'bytes=-1', '9', 'bytes 9-9/10'],
    ['of a suffix longer than the body', 'bytes=-20', BODY, 'bytes 0-9/10'],
    ['that ends after the body', 'bytes=8-99', '89', 'bytes 8-9/10'],
    ['with the unit in capitals', 'Bytes=0-1', '01', 'bytes 0-1/10'],
  ].map(([what, bytes = '', gets = '', text = '']) =>
    may('RFC 9110 §14.2', `a range ${what} is cut from a stored response`, whole(), {
      ...HIT,
      ...range(bytes),
      status: 206,
      gets,
      has: { 'Content-Range': text, 'Content-Length': String(gets.length) },
    }),
  ),
  may('RFC 9110 §15.5.17', 'a range outside a stored response is 416', whole(), {
    ...range('bytes=10-20'),
    status: 416,
    has: { 'Content-Range': 'bytes */10' },
    check: (_, requests) => {
      if (requests.length > 0) throw new Error('The origin was asked')
    },
  }),
  must(
    'RFC 9110 §15.3.7',
    'a range of a stored response is that part or the whole',
    whole({ ETag: TAG, 'Test-Header': '1' }),
    {
      ...HIT,
      ...range('bytes=2-4'),
      has: { ETag: TAG, 'Test-Header': '1' },
      check({ status, body, header }) {
        const isPart = status === 206 && body.toString() === '234' && header('content-range') === 'bytes 2-4/10'
        if (!isPart && !(status === 200 && body.toString() === BODY)) throw new Error('Neither the part nor the whole')
      },
    },
  ),
  ...[
    ['an unknown unit', 'lines=0-1'],
    ['no unit', '0-1'],
    ['an end before its start', 'bytes=5-2'],
    ['letters', 'bytes=a-b'],
    ['no numbers', 'bytes=-'],
  ].map(([what, value = '']) =>
    must('RFC 9110 §14.2', `a range with ${what} gets the whole response`, whole(), { ...WHOLE, ...range(value) }),
  ),
  must('RFC 9110 §14.2', 'a range is ignored for HEAD', whole(), {
    ...HIT,
    ...range('bytes=0-1'),
    method: 'HEAD',
    status: 200,
  }),
  must(
    'RFC 9110 §14.2',
    'a range of a stored 404 is the whole 404',
    { reply: { status: 404, headers: FRESH, body: BODY } },
    {
      ...HIT,
      ...range('bytes=0-1'),
      status: 404,
      gets: BODY,
    },
  ),
  must('RFC 9110 §13.2.2', 'a range with If-None-Match that matches is not a 206', whole({ ETag: TAG }), {
    ...HIT,
    ...range('bytes=0-1', { 'If-None-Match': TAG }),
    check({ status }) {
      if (status === 206) throw new Error('A part was sent of what the client has')
    },
  }),

  ...(
    [
      ['the strong tag', { ETag: TAG }, TAG],
      ['the date of an old Last-Modified', { 'Last-Modified': LONG_AGO }, LONG_AGO],
    ] as const
  ).map(([what, headers, condition]) =>
    may('RFC 9110 §13.1.5', `If-Range with ${what} gets the part`, whole(headers), {
      ...HIT,
      ...range('bytes=0-1', { 'If-Range': condition }),
      status: 206,
      gets: '01',
    }),
  ),
  ...(
    [
      ['another tag', { ETag: TAG }, '"1234"'],
      ['a weak tag', { ETag: 'W/"abcdef"' }, 'W/"abcdef"'],
      ['the weak form of the tag', { ETag: TAG }, 'W/"abcdef"'],
      ['a tag where there is none', {}, TAG],
      ['another date', { 'Last-Modified': LONG_AGO }, 'Wed, 16 Nov 2022 12:45:26 GMT'],
      ['a date where there is no Last-Modified', {}, LONG_AGO],
      ['a date that is no strong validator', { 'Last-Modified': date(0), Date: date(0) }, date(0)],
    ] as const
  ).map(([what, headers, condition]) =>
    must('RFC 9110 §13.1.5', `If-Range with ${what} gets the whole response`, whole(headers), {
      ...WHOLE,
      ...range('bytes=0-1', { 'If-Range': condition }),
    }),
  ),
]
