import type { IncomingMessage, InformationEvent } from 'node:http'
import { request } from 'node:http'
import { Readable } from 'node:stream'

import type { HttpBindings } from '@hono/node-server'
import type { DefaultTier } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import type { Profile } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import type { Context } from 'hono'
import { Hono } from 'hono'

import type { CacheOptions } from '../src/index.ts'
import { cacheResponses } from '../src/index.ts'

type Env = { Bindings: HttpBindings }

/** Those of one connection, and the length, which Node writes itself. */
const OWN = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

const pairsOf = (raw: readonly string[]): [name: string, value: string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!.toLowerCase(), raw[2 * i + 1]!])

async function bodyOf(c: Context<Env>): Promise<Uint8Array | undefined> {
  const body = await c.req.bytes()
  return body.length > 0 ? body : undefined
}

/** Hono has no word for interim responses; a background refresh has nobody to give them to. */
function passOn(c: Context<Env>, { statusCode, rawHeaders }: InformationEvent): void {
  const { outgoing } = c.env
  if (outgoing === undefined || !('writeEarlyHints' in outgoing)) return
  if (statusCode === 102) outgoing.writeProcessing()
  else outgoing.writeEarlyHints(Object.fromEntries(pairsOf(rawHeaders)))
}

/** Asks the origin what was asked here, header for header, and gives what it says. What cannot be reached is a 502. */
async function forward(originUrl: string, c: Context<Env>): Promise<Response> {
  const { raw, url, method } = c.req
  const { origin, host } = new URL(url)
  const body = method === 'GET' || method === 'HEAD' ? undefined : await bodyOf(c)
  const headers = [...raw.headers].filter(([name]) => !OWN.has(name) && name !== 'host')
  const length: [string, string][] = body === undefined ? [] : [['content-length', String(body.length)]]
  const response = await new Promise<IncomingMessage | undefined>((resolve) => {
    const sent = request(`${originUrl}${url.slice(origin.length)}`, {
      method,
      headers: Object.fromEntries([...headers, ...length, ['host', host]]),
      agent: false,
    })
    sent.on('information', (interim) => passOn(c, interim))
    sent.on('response', resolve)
    sent.on('error', () => resolve(undefined))
    sent.end(body)
  })
  if (response === undefined) return new Response('unreachable', { status: 502 })
  const { statusCode = 502 } = response
  const lines = pairsOf(response.rawHeaders).filter(([name]) => name !== 'transfer-encoding')
  const isBodiless = method === 'HEAD' || statusCode === 204 || statusCode === 304
  if (isBodiless) response.resume()
  const content = isBodiless ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>)
  return new Response(content, { status: statusCode, headers: lines })
}

/** What every response is stored with: nothing beyond what it says itself. */
const OPTIONS = {
  rfc9111: { setCookie: 'store' },
  // as little as can be stated for responses that say nothing
  safe: { ttl: 1, negativeTtl: 1, staleWhileRevalidate: 0, staleIfError: 0 },
} as const satisfies Record<Profile, CacheOptions<DefaultTier>>

/** A proxy of one origin with a cache in it. */
export function forwardingApp(originUrl: string, profile: Profile): Hono<Env> {
  const store = createCache({ namespace: 'proxy', store: memoryStore() })
  const { cache } = cacheResponses({ cache: store, profile, targets: ['CDN-Cache-Control'] })
  const app = new Hono<Env>()
  app.all('*', cache({ ...OPTIONS[profile], inputs: 'off' }), (c) => forward(originUrl, c))
  return app
}
