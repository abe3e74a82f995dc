import { BRIEF, date, FRESH, HIT, LATER, MISS, store } from './case-parts.ts'
import type { Check, Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const empty: Check = ({ body }) => {
  if (body.length > 0) throw new Error('The answer to HEAD has a body')
}
const WITH_BODY = { reply: { headers: { ...FRESH, 'Test-Header': '1' }, body: '0123456789' } } as const satisfies Step

export const METHOD_CASES: readonly SuiteCase[] = [
  may('RFC 9111 §4', 'HEAD is answered from a stored GET', WITH_BODY, {
    ...HIT,
    method: 'HEAD',
    status: 200,
    check: empty,
  }),
  must('RFC 9110 §9.3.2', 'HEAD from a stored GET has its fields and no body', WITH_BODY, {
    ...HIT,
    method: 'HEAD',
    has: { 'Test-Header': '1', 'Content-Length': '10' },
    check: empty,
  }),
  must(
    'RFC 9111 §4',
    'a response to HEAD is not given for GET',
    { ...WITH_BODY, method: 'HEAD' },
    { status: 200, gets: '0123456789', reply: WITH_BODY.reply },
  ),
  must(
    'RFC 9111 §4',
    'HEAD does not destroy a stored GET',
    WITH_BODY,
    { method: 'HEAD', reply: WITH_BODY.reply },
    { ...HIT, gets: '0123456789' },
  ),
  must('RFC 9110 §9.3.2', 'HEAD that the origin answers has no body', {
    ...WITH_BODY,
    method: 'HEAD',
    has: { 'Content-Length': '10' },
    check: empty,
  }),
  must('RFC 9111 §4.3.5', 'HEAD for a stale response gets current fields', store({ ...BRIEF, 'Test-Header': 'old' }), {
    wait: LATER,
    method: 'HEAD',
    reply: { headers: { ...BRIEF, 'Test-Header': 'new' } },
    has: { 'Test-Header': 'new' },
    check: empty,
  }),

  ...['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'].map((method) =>
    must('RFC 9111 §4', `${method} is not answered from a stored GET`, store(FRESH), { ...MISS, method, body: 'abc' }),
  ),
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) =>
    must('RFC 9111 §3', `a response to ${method} is not given for GET`, store(FRESH, { method, body: 'abc' }), MISS),
  ),
  must(
    'RFC 9111 §4',
    'a response to POST is not given for another POST',
    store(FRESH, { method: 'POST', body: 'abc' }),
    {
      ...MISS,
      method: 'POST',
      body: 'abc',
    },
  ),
  may(
    'RFC 9110 §9.3.3',
    'a fresh response to POST whose Content-Location is its own URL is given for GET',
    store(
      { ...FRESH, Date: date(0), 'Content-Location': ({ url }) => new URL(url).pathname },
      { method: 'POST', body: 'abc' },
    ),
    HIT,
  ),
]
