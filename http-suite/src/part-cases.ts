import { FRESH, HIT, MISS } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { OriginRequest, Reply, Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const BODY = '0123456789'
const WHOLE_STORED = { reply: { headers: FRESH, body: BODY } } as const satisfies Step
const range = (value: string, rest: Fields = {}): { readonly send: Fields } => ({ send: { Range: value, ...rest } })
const WHOLE = { ...HIT, status: 200, gets: BODY } as const satisfies Step

/** An origin that answers `bytes=N-N`, or the whole body to whoever does not ask for a part. */
function parts(request: OriginRequest): Reply {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.header('range') ?? '')
  if (!asked) return { headers: FRESH, body: BODY }
  const [first, last] = asked[1] === '' ? [10 - Number(asked[2]), 9] : [Number(asked[1]), Number(asked[2] || 9)]
  return {
    status: 206,
    headers: { ...FRESH, 'Content-Range': `bytes ${first}-${last}/10` },
    body: BODY.slice(first, last + 1),
  }
}

const part = (bytes: string): Step => ({ ...range(bytes), status: 206, reply: parts })

/** What becomes of a 206 of the origin. */
export const PART_CASES: readonly SuiteCase[] = [
  must('RFC 9111 §3.3', 'a part is not given for the whole', part('bytes=0-4'), {
    status: 200,
    gets: BODY,
    reply: parts,
  }),
  must('RFC 9111 §3.3', 'a part is not given for another part', part('bytes=0-4'), {
    ...part('bytes=5-9'),
    gets: '56789',
  }),
  must('RFC 9111 §3.3', 'a part is not given for a wider one', part('bytes=2-3'), {
    ...part('bytes=1-5'),
    gets: '12345',
  }),
  may('RFC 9111 §3.3', 'a part is reused for the same part', part('bytes=-5'), {
    ...part('bytes=-5'),
    ...HIT,
    gets: '56789',
  }),
  may('RFC 9111 §3.3', 'a part is reused for a smaller one', part('bytes=5-9'), {
    ...part('bytes=6-8'),
    ...HIT,
    gets: '678',
  }),
  may('RFC 9111 §3.3', 'a part is reused for a suffix of it', part('bytes=5-9'), {
    ...part('bytes=-1'),
    ...HIT,
    gets: '9',
  }),
  must('RFC 9111 §3.3', 'a part does not replace the whole', WHOLE_STORED, { ...HIT, ...range('bytes=0-1') }, WHOLE),
  must(
    'RFC 9111 §3.3',
    'a 206 without a range of the client is not given for the whole',
    { reply: { status: 206, headers: { ...FRESH, 'Content-Range': 'bytes 0-1/10' }, body: '01' } },
    { ...MISS, status: 200 },
  ),
]
