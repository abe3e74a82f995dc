import type { AttackContext, AttackReply, AttackRequest } from './attack-message.ts'
import { pause, stepwise } from './attack-streams.ts'

export const WHOLE = 'first half, second half'

/** What can go wrong the first time. */
export const FAULTS: readonly string[] = ['500', '502', '503', '504', '400', '403', '429', '204', '302', '307', 'throw']

/** Whether this is asked for the first time. */
function isNew(memory: Map<string, number>, what: string): boolean {
  const isFirst = !memory.has(what)
  memory.set(what, 1)
  return isFirst
}

/** Handlers that fail, the first time or as clients have it. */
export const failureHandlers = {
  /** Once for each `fault` in the query; then it is well. */
  async failing(request: AttackRequest, { memory }: AttackContext): Promise<AttackReply> {
    const fault = request.query('fault') ?? ''
    const isFirst = isNew(memory, `fault ${fault}`)
    await pause(30)
    if (!isFirst) return { body: 'well' }
    if (fault === 'throw') throw new Error('the handler fails')
    const status = Number(fault)
    const location = status < 400 && status >= 300 ? [['Location', '/login'] as const] : []
    return { status, headers: location, ...(status === 204 ? {} : { body: 'a fault' }) }
  },
  /** Takes five seconds the first time. */
  async hanging(_request: AttackRequest, { run }: AttackContext): Promise<AttackReply> {
    if (run === 1) await pause(5000)
    return { body: `run ${run}` }
  },
  /** Dies in the middle of the body the first time, with its length announced or not. */
  dying(request: AttackRequest, { memory }: AttackContext): AttackReply {
    const length = request.query('length')
    const headers = length === 'announced' ? [['Content-Length', String(WHOLE.length)] as const] : []
    const [half = '', rest = ''] = WHOLE.split(/(?= second)/)
    const isFirst = isNew(memory, `length ${length}`)
    return { headers, body: stepwise(isFirst ? [half, 50, new Error('the origin dies')] : [half, rest]) }
  },
  /** Refuses what it does not understand, as servers do that sit behind a more tolerant cache. */
  fussy(request: AttackRequest): AttackReply {
    const method = request.header('x-http-method-override') ?? request.header('x-method-override')
    if (method !== undefined) return { status: 404, body: 'no such method here' }
    if ((request.header('x-long') ?? '').length > 2000) return { status: 400, body: 'too long' }
    return { body: 'fine' }
  },
}
