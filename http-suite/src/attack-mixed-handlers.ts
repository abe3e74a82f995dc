import type { AttackContext, AttackReply, AttackRequest } from './attack-message.ts'
import { stepwise } from './attack-streams.ts'
import { blocksOf } from './blocks.ts'

const plain: readonly (readonly [string, string])[] = [['Content-Type', 'application/octet-stream']]

/** Blocks in some steps, with pauses between them. */
function inSteps(all: string, end?: Error): ReadableStream<Uint8Array> {
  const size = Math.ceil(all.length / 4)
  const steps = [0, 1, 2, 3].flatMap((step) => [all.slice(step * size, (step + 1) * size), 2])
  return stepwise(end === undefined ? steps : [...steps.slice(0, 4), end])
}

/** What applications do, each with a body that tells what it is of. */
export const mixedHandlers = {
  'mixed-text': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: plain,
    body: blocksOf(url, run, 8),
  }),
  'mixed-stream': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: plain,
    body: inSteps(blocksOf(url, run, 400)),
  }),
  'mixed-sized-stream'({ url }: AttackRequest, { run }: AttackContext): AttackReply {
    const all = blocksOf(url, run, 400)
    return { headers: [...plain, ['Content-Length', String(all.length)]], body: inSteps(all) }
  },
  'mixed-cut': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: plain,
    body: inSteps(blocksOf(url, run, 200), new Error('the source broke off')),
  }),
  'mixed-file': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: [...plain, ['ETag', `"${run}"`], ['Last-Modified', 'Tue, 01 Jan 2030 00:00:00 GMT']],
    body: inSteps(blocksOf(url, run, 1000)),
  }),
  'mixed-private': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: [...plain, ['Cache-Control', 'private, max-age=0'], ['ETag', `"${run}"`]],
    body: inSteps(blocksOf(url, run, 100)),
  }),
  'mixed-cookie': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: [...plain, ['Set-Cookie', `run=${run}`]],
    body: blocksOf(url, run, 8),
  }),
  'mixed-varied'(request: AttackRequest, { run }: AttackContext): AttackReply {
    const of = `${request.url} ${request.header('x-kind')}`
    return { headers: [...plain, ['Vary', 'X-Kind']], body: blocksOf(of, run, 8) }
  },
  'mixed-empty': (): AttackReply => ({ status: 204 }),
  'mixed-moved': (): AttackReply => ({ status: 301, headers: [['Location', '/elsewhere']] }),
  'mixed-missing': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    status: 404,
    headers: plain,
    body: blocksOf(url, run, 2),
  }),
  'mixed-failing'({ url }: AttackRequest, { run }: AttackContext): AttackReply {
    if (run % 3 === 0) throw new Error('the handler fails')
    return { status: run % 3 === 1 ? 503 : 200, headers: plain, body: blocksOf(url, run, 2) }
  },
  /** A header that cannot be sent, now and then. */
  'mixed-unsendable': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: [...plain, ['X-Name', run % 2 === 0 ? 'a\nb' : 'fine']],
    body: blocksOf(url, run, 2),
  }),
  /** Larger than what is stored. */
  'mixed-large': ({ url }: AttackRequest, { run }: AttackContext): AttackReply => ({
    headers: plain,
    body: inSteps(blocksOf(url, run, 80_000)),
  }),
}
