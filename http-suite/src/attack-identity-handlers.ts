import type { AttackContext, AttackReply, AttackRequest } from './attack-message.ts'
import { pause } from './attack-streams.ts'

/** Who asks, by token or by cookie. */
function userOf(request: AttackRequest): string {
  const token = /^Bearer (\w+)$/.exec(request.header('authorization') ?? '')?.[1]
  return token ?? /(?:^|; ?)user=(\w+)/.exec(request.header('cookie') ?? '')?.[1] ?? 'nobody'
}

const text = (body: string): AttackReply => ({ headers: [['Content-Type', 'text/plain']], body })

/** Says that whoever stands behind may keep it. */
const forAll = (whom: string | undefined): AttackReply => ({
  headers: [
    ['Content-Type', 'text/plain'],
    ['Cache-Control', 'public, max-age=60'],
  ],
  body: `for ${whom}`,
})

/** Request headers that a careless handler makes links of. */
export const REFLECTED = [
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-for',
  'x-forwarded-prefix',
  'forwarded',
  'x-host',
  'x-original-url',
  'x-rewrite-url',
  'origin',
  'referer',
  'user-agent',
  'accept-language',
]

/** Handlers whose answer depends on who asks, or where. */
export const identityHandlers = {
  /** Slow enough for requests to meet. */
  async greeting(request: AttackRequest) {
    const user = userOf(request)
    await pause(30)
    return text(`hello ${user}`)
  },
  /** Says that everybody may have it. */
  'public-greeting': (request: AttackRequest): AttackReply => ({
    headers: [['Cache-Control', 'public, max-age=1, stale-while-revalidate=60']],
    body: `hello ${userOf(request)}`,
  }),
  /** Says that caches in between may give it to everybody. */
  async 'stated-greeting'(request: AttackRequest): Promise<AttackReply> {
    const user = userOf(request)
    await pause(30)
    return { headers: [['Cache-Control', 's-maxage=60']], body: `hello ${user}` }
  },
  async session(_request: AttackRequest, { run }: AttackContext) {
    await pause(30)
    return { headers: [['Set-Cookie', `session=${run}; HttpOnly`] as const], body: `session ${run}` }
  },
  /** A lasting redirect to the home of who asks. */
  async home(request: AttackRequest): Promise<AttackReply> {
    const user = userOf(request)
    await pause(30)
    return { status: 301, headers: [['Location', `/home-of-${user}`]], body: `moved to ${user}` }
  },
  /** Sends whoever is nobody to log in. */
  async account(request: AttackRequest): Promise<AttackReply> {
    const user = userOf(request)
    await pause(30)
    if (user === 'nobody') return { status: 302, headers: [['Location', '/login']], body: 'log in' }
    return { ...text(`account of ${user}`), headers: [['Cache-Control', 'private']] }
  },
  reflection: (request: AttackRequest): AttackReply =>
    text(REFLECTED.map((name) => `${name}=${request.header(name) ?? 'absent'}`).join('\n')),
  'declared-reflection': (request: AttackRequest): AttackReply => ({
    headers: [['Vary', 'Origin, X-Forwarded-Host']],
    body: `origin=${request.header('origin')} host=${request.header('x-forwarded-host')}`,
  }),
  'for-user': (request: AttackRequest): AttackReply => forAll(request.header('x-user')),
  'for-cookie': (request: AttackRequest): AttackReply => forAll(request.header('cookie')),
  'for-key': (request: AttackRequest): AttackReply => forAll(request.header('x-api-key')),
  'for-plan': (request: AttackRequest): AttackReply => forAll(request.header('x-plan')),
  'for-named': (request: AttackRequest): AttackReply => {
    const reply = forAll(request.header('x-named'))
    return { ...reply, headers: [...(reply.headers ?? []), ['Vary', 'X-Named'], ['Vary', 'X-Other']] }
  },
  'in-language': (request: AttackRequest): AttackReply => forAll(request.header('accept-language')),
  'for-all': (_request: AttackRequest, { run }: AttackContext): AttackReply => forAll(`all, run ${run}`),
  host: (request: AttackRequest): AttackReply => text(`host ${request.header('host')}`),
  agent: (request: AttackRequest): AttackReply => ({
    headers: [['Vary', 'User-Agent']],
    body: `agent ${request.header('user-agent')}`,
  }),
}
