import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:http'

import { wrongBlocks } from './blocks.ts'
import { MIXED, MIXED_URLS } from './mixed-routes.ts'

/** What became of a load. */
export interface MixedOutcome {
  readonly requests: number
  /** What must not be, a line each. */
  readonly faults: readonly string[]
}

interface Load {
  readonly origin: string
  readonly clients: number
  readonly milliseconds: number
}

/**
 * A handler takes a second at most, and a machine that is busy adds its part; whoever waits longer waits for something that
 * never comes, or for the end of `maxFillTime`.
 */
const LONGEST = 20_000

const STATUSES: Readonly<Record<string, readonly number[]>> = {
  'mixed-empty': [204, 304],
  'mixed-moved': [301, 304],
  'mixed-missing': [404],
  'mixed-failing': [200, 206, 304, 416, 500, 503],
  'mixed-unsendable': [200, 206, 304, 416, 500],
}
const USUAL = [200, 206, 304, 416]

const pick = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T
const chance = (of: number): boolean => Math.random() < of

interface Ask {
  readonly handler: string
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** After how many bytes the client leaves. */
  readonly leaves: number | undefined
}

function randomAsk(tags: ReadonlyMap<string, string>): Ask {
  const handler = pick(MIXED)
  const path = `/${handler}/${Math.floor(Math.random() * MIXED_URLS)}`
  const from = Math.floor(Math.random() * 20_000)
  const headers = {
    ...(handler === 'mixed-varied' && { 'x-kind': pick(['a', 'b', 'c']) }),
    ...(chance(0.15) && { 'if-none-match': pick(['*', '"1"', tags.get(path) ?? '"2"']) }),
    ...(chance(0.05) && { 'if-modified-since': 'Tue, 01 Jan 2030 00:00:00 GMT' }),
    ...(chance(0.15) && { range: pick([`bytes=${from}-${from + 3000}`, 'bytes=-100', 'bytes=0-', 'bytes=100-200']) }),
    ...(chance(0.05) && { cookie: 'user=alice' }),
    ...(chance(0.05) && { 'cache-control': pick(['no-cache', 'no-store', 'max-age=0']) }),
  }
  const leaves = chance(0.08) ? Math.floor(Math.random() * 40_000) : undefined
  return { handler, path, method: chance(0.1) ? 'HEAD' : 'GET', headers, leaves }
}

/** What is wrong with an answer; `undefined`: nothing. */
function wrong({ handler, path, method, headers }: Ask, response: IncomingMessage, body: string): string | undefined {
  const { statusCode = 0, complete } = response
  const isCut = handler === 'mixed-cut' && statusCode !== 304
  if (!(STATUSES[handler] ?? USUAL).includes(statusCode)) return `status ${statusCode}`
  if (isCut && method === 'GET') {
    if (complete && statusCode !== 416) return 'a body that was cut looks whole'
  } else if (!complete) return 'broken off'
  if (method === 'HEAD' || statusCode === 304 || statusCode === 204) return body === '' ? undefined : 'a body'
  const length = response.headers['content-length']
  if (!isCut && length !== undefined && Number(length) !== body.length)
    return `${length} announced, ${body.length} came`
  if (statusCode >= 400 || statusCode === 301) return undefined
  const from = Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1] ?? 0)
  return wrongBlocks(handler === 'mixed-varied' ? `${path} ${headers['x-kind']}` : path, body, from)
}

function send(origin: string, agent: Agent, ask: Ask): Promise<string | undefined | { readonly tag: string }> {
  const { path, method, headers, leaves } = ask
  return new Promise((resolve) => {
    const sent = request(`${origin}${path}`, { method, headers, agent, signal: AbortSignal.timeout(LONGEST) })
    sent.on('error', (error) => resolve(error.name === 'TimeoutError' ? 'no answer' : `no answer: ${error.message}`))
    sent.on('response', (response) => {
      let body = ''
      response.setEncoding('latin1')
      response.on('data', (chunk: string) => {
        body += chunk
        if (leaves === undefined || body.length < leaves) return
        resolve(undefined)
        response.destroy()
      })
      response.on('error', () => {})
      response.on('close', () => {
        const { etag } = response.headers
        resolve(wrong(ask, response, body) ?? (etag === undefined ? undefined : { tag: etag }))
      })
    })
    sent.end()
  })
}

/** Many clients that ask for everything in every way, some of whom leave early. */
export async function mixedLoad({ origin, clients, milliseconds }: Load): Promise<MixedOutcome> {
  const until = performance.now() + milliseconds
  const faults: string[] = []
  const tags = new Map<string, string>()
  let requests = 0

  async function client(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (performance.now() < until && faults.length < 20) {
      const ask = randomAsk(tags)
      const result = await send(origin, agent, ask)
      requests++
      if (typeof result === 'string') faults.push(`${ask.method} ${ask.path} ${JSON.stringify(ask.headers)}: ${result}`)
      else if (result !== undefined) tags.set(ask.path, result.tag)
    }
    agent.destroy()
  }

  await Promise.all(Array.from({ length: clients }, client))
  return { requests, faults }
}
