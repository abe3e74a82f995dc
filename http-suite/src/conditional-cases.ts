import { date, FRESH, HIT, LONG_AGO, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Check, Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const TAG = '"abcdef"'
const inm = (value: string): { readonly send: Fields } => ({ send: { 'If-None-Match': value } })
const ims = (value: string): { readonly send: Fields } => ({ send: { 'If-Modified-Since': value } })

const noBody: Check = ({ body }) => {
  if (body.length > 0) throw new Error('A 304 has a body')
}
const UNMODIFIED = { ...HIT, status: 304, check: noBody } as const satisfies Step
const WHOLE = { ...HIT, status: 200, serves: 1 } as const satisfies Step

const tagged = (tag: string): Step => store({ ...FRESH, ETag: tag })
const dated = (headers: Fields = {}): Step => store({ ...FRESH, 'Last-Modified': LONG_AGO, ...headers })

export const CONDITIONAL_CASES: readonly SuiteCase[] = [
  ...[
    ['the strong tag', TAG, TAG],
    ['the weak tag', 'W/"abcdef"', 'W/"abcdef"'],
    ['the weak form of a strong tag', TAG, 'W/"abcdef"'],
    ['the strong form of a weak tag', 'W/"abcdef"', TAG],
    ['*', TAG, '*'],
    ['a list that begins with it', TAG, '"abcdef", "1234", "5678"'],
    ['a list with it in the middle', TAG, '"1234", "abcdef", "5678"'],
    ['a list that ends with it', TAG, '"1234","5678","abcdef"'],
    ['a list with empty elements', TAG, ', "1234",, "abcdef"'],
    ['a list with a weak tag before it', TAG, 'W/"1234", "abcdef"'],
    ['a tag with a comma', '"a,b"', '"x", "a,b"'],
    ['an empty tag', '""', '""'],
  ].map(([what, tag = '', condition = '']) =>
    may('RFC 9110 §13.1.2', `If-None-Match with ${what} gets 304`, tagged(tag), { ...UNMODIFIED, ...inm(condition) }),
  ),
  ...[
    ['another tag', TAG, '"1234"'],
    ['a tag in other letters', TAG, '"ABCDEF"'],
    ['a longer tag', TAG, '"abcdefg"'],
    ['a list of other tags', TAG, '"1234", W/"5678"'],
    ['part of a tag with commas', '"b"', '"a,b,c"'],
  ].map(([what, tag = '', condition = '']) =>
    must('RFC 9110 §13.1.2', `If-None-Match with ${what} gets the whole response`, tagged(tag), {
      ...WHOLE,
      ...inm(condition),
    }),
  ),
  must('RFC 9110 §13.1.2', 'If-None-Match with a tag gets a response without one', store(FRESH), {
    ...WHOLE,
    ...inm(TAG),
  }),
  must(
    'RFC 9110 §13.1.2',
    'If-None-Match does not make a 404 a 304',
    { reply: { status: 404, headers: { ...FRESH, ETag: TAG } } },
    {
      ...HIT,
      ...inm(TAG),
      status: 404,
    },
  ),

  ...[
    ['the date of Last-Modified', LONG_AGO],
    ['a later date', 'Wed, 16 Nov 2022 12:45:26 GMT'],
    ['the date of Last-Modified in RFC 850 format', 'Tuesday, 15-Nov-22 12:45:26 GMT'],
    ['the date of Last-Modified in asctime format', 'Tue Nov 15 12:45:26 2022'],
  ].map(([what, condition = '']) =>
    may('RFC 9110 §13.1.3', `If-Modified-Since with ${what} gets 304`, dated(), { ...UNMODIFIED, ...ims(condition) }),
  ),
  ...[
    ['an earlier date', 'Mon, 14 Nov 2022 12:45:26 GMT'],
    ['an invalid date', 'yesterday'],
    ['a date in another zone', 'Tue, 15 Nov 2022 12:45:26 UTC'],
  ].map(([what, condition = '']) =>
    must('RFC 9110 §13.1.3', `If-Modified-Since with ${what} gets the whole response`, dated(), {
      ...WHOLE,
      ...ims(condition),
    }),
  ),
  may(
    'RFC 9111 §4.3.2',
    'If-Modified-Since is compared with Date where Last-Modified is missing',
    store({ ...FRESH, Date: date(-60) }),
    {
      ...UNMODIFIED,
      send: { 'If-Modified-Since': date(-30) },
    },
  ),
  must(
    'RFC 9111 §4.3.2',
    'If-Modified-Since before Date gets the whole response where Last-Modified is missing',
    store(FRESH),
    {
      ...WHOLE,
      ...ims(LONG_AGO),
    },
  ),

  may(
    'RFC 9110 §13.2.2',
    'If-None-Match that matches wins over If-Modified-Since that does not',
    dated({ ETag: TAG }),
    {
      ...UNMODIFIED,
      send: { 'If-None-Match': TAG, 'If-Modified-Since': 'Mon, 14 Nov 2022 12:45:26 GMT' },
    },
  ),
  must(
    'RFC 9110 §13.2.2',
    'If-None-Match that does not match wins over If-Modified-Since that does',
    dated({ ETag: TAG }),
    {
      ...WHOLE,
      send: { 'If-None-Match': '"1234"', 'If-Modified-Since': LONG_AGO },
    },
  ),
]
