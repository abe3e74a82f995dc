import type { AttackContext, AttackReply, AttackRequest } from './attack-message.ts'
import { pause, stepwise } from './attack-streams.ts'

type Lines = readonly (readonly [name: string, value: string])[]

/** Everything a response can say against being stored. */
export const REFUSALS: readonly Lines[] = [
  ...[
    'no-store',
    'No-Store',
    'NO-STORE',
    'max-age=60, no-store',
    'public, no-store',
    'no-store="x"',
    'no-store,,max-age=60',
    'private',
    'Private',
    'PRIVATE',
    'private=""',
    'private="x"',
    'private="set-cookie"',
    'private=x',
    'max-age=60,private',
    'max-age=60 , private ',
    '\tprivate',
    'public, private',
    's-maxage=60, private',
    'ext="a\\"b", private',
    'no-cache',
    'No-Cache',
    'max-age=0',
    's-maxage=0, max-age=60',
  ].map((value): Lines => [['Cache-Control', value]]),
  [
    ['Cache-Control', 'max-age=60'],
    ['Cache-Control', 'private'],
  ],
  [
    ['cache-control', 'max-age=60'],
    ['CACHE-CONTROL', 'no-store'],
  ],
  [['Pragma', 'no-cache']],
  [['Expires', '0']],
  [['Set-Cookie', 'a=1']],
  ...['*', ' * ', 'Accept, *', '*, Accept', 'Cookie', 'COOKIE', 'Accept, cookie', 'Authorization'].map(
    (value): Lines => [['Vary', value]],
  ),
  [
    ['Vary', 'Accept'],
    ['Vary', '*'],
  ],
]

/** What looks like a refusal and is none. */
export const PERMISSIONS: readonly Lines[] = [
  [['Cache-Control', 'max-age=60, ext="a, private"']],
  [['Cache-Control', 'max-age=60, ext="no-store"']],
  [['Cache-Control', 'max-age=60, x-private, no-store-ish']],
]

export const DOCUMENT = 'This is the whole document. '.repeat(40)
const ETAG = '"document"'

const GZIPPED = Uint8Array.from(atob('H4sIAAAAAAAAAyvISczMU0jKT6kEAM2jKKQKAAAA'), (character) =>
  character.charCodeAt(0),
)
export const PLAIN = 'plain body'

const counted = ({ run }: AttackContext): AttackReply => ({
  headers: [['Content-Type', 'text/plain']],
  body: `run ${run}`,
})

/** Handlers whose answer depends on what is asked for, and how. */
export const contentHandlers = {
  run: (_request: AttackRequest, context: AttackContext): AttackReply => counted(context),
  refusing: (request: AttackRequest, context: AttackContext): AttackReply => ({
    ...counted(context),
    headers: REFUSALS[Number(request.query('n'))] ?? [],
  }),
  permitting: (request: AttackRequest, context: AttackContext): AttackReply => ({
    ...counted(context),
    headers: PERMISSIONS[Number(request.query('n'))] ?? [],
  }),
  /** Knows conditions, ranges and HEAD itself, as servers of files do. */
  document(request: AttackRequest): AttackReply {
    const headers = [
      ['ETag', ETAG],
      ['Last-Modified', 'Wed, 01 Jan 2020 00:00:00 GMT'],
    ] as const
    if (request.method === 'HEAD') return { headers: [...headers, ['Content-Length', String(DOCUMENT.length)]] }
    if (request.header('if-match') === '"other"') return { status: 412, headers, body: 'not the one' }
    if (request.header('if-none-match') === ETAG || request.header('if-modified-since')) return { status: 304, headers }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.header('range') ?? '')
    if (range === null) return { headers, body: DOCUMENT }
    const [first, last] = [Number(range[1]), Number(range[2])]
    if (first >= DOCUMENT.length) return { status: 416, headers: [['Content-Range', `bytes */${DOCUMENT.length}`]] }
    const partial = [...headers, ['Content-Range', `bytes ${first}-${last}/${DOCUMENT.length}`]] as const
    return { status: 206, headers: partial, body: DOCUMENT.slice(first, last + 1) }
  },
  /** Tells how it was called. */
  method: (request: AttackRequest, { run }: AttackContext): AttackReply => ({
    body: `${request.method} with ${request.header('content-length') ?? request.header('transfer-encoding') ?? 'no'} body, run ${run}`,
  }),
  gzip: (request: AttackRequest): AttackReply =>
    (request.header('accept-encoding') ?? '').includes('gzip')
      ? { headers: [['Content-Encoding', 'gzip']], body: GZIPPED }
      : { body: PLAIN },
  /** Tells what the framework made of the target. */
  target: (request: AttackRequest): AttackReply => ({ body: `target ${request.url.replace(/^\/[\w-]+/, '')}` }),
  page: (request: AttackRequest): AttackReply => ({ body: `page ${request.query('page') ?? 'none'}` }),
  tagged: (request: AttackRequest, context: AttackContext): AttackReply => ({
    ...counted(context),
    tags: [request.query('tag') ?? ''],
  }),
  /** Reads what a write changes, then takes its time. */
  async reading(_request: AttackRequest, { memory }: AttackContext): Promise<AttackReply> {
    const version = memory.get('version') ?? 0
    await pause(150)
    return { body: `version ${version}`, tags: ['written'] }
  },
  writing(_request: AttackRequest, { memory }: AttackContext): AttackReply {
    const version = (memory.get('version') ?? 0) + 1
    memory.set('version', version)
    return { status: 201, body: `version ${version}` }
  },
  /** Server-sent events of one client, over about a second. */
  events: (_request: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: [['Content-Type', 'text/event-stream; charset=utf-8']],
    body: stepwise([`data: first of ${run}\n\n`, 1000, `data: last of ${run}\n\n`]),
  }),
  /** Goes on for half a second. */
  slow: (_request: AttackRequest, { run }: AttackContext): AttackReply => ({
    body: stepwise([...Array.from({ length: 25 }, () => ['8 bytes.', 20]).flat(), `end of ${run}`]),
  }),
}
