import type { Incoming } from '@shelflife/http'
import type { Context } from 'hono'

import { askedOf } from './environment.ts'
import { isPlain } from './validated.ts'

/** What validators make of these they make of the URI, or of more that only they know. */
const TARGETS = ['query', 'param', 'json', 'form'] as const

type Chosen = Pick<Incoming, 'rewritten' | 'selection'>

/** A value as text; `undefined` where that would leave something out. */
function textOf(value: unknown): string | undefined {
  let isWhole = true
  function shown(this: Readonly<Record<string, unknown>>, name: string, one: unknown): unknown {
    const own = this[name]
    if (typeof own === 'bigint') return `${own}n`
    if (typeof own === 'function' || typeof own === 'symbol') isWhole = false
    if (typeof own === 'object' && own !== null && !(own instanceof Date || isPlain(own))) isWhole = false
    return one
  }
  try {
    const text = JSON.stringify(value, shown)
    return isWhole ? text : undefined
  } catch {
    return undefined
  }
}

const isEnd = (code: number): boolean => Number.isNaN(code) || code === 0x3f || code === 0x23

/** The path as Hono decodes it: `%25` stays. */
function decoded(path: string): string {
  try {
    return decodeURI(path.replaceAll('%25', '%2525'))
  } catch {
    return path
  }
}

/** The path by which Hono chooses the handler, where that is not the one of the URL: `getPath` may make it of headers. */
function rewrittenOf({ req }: Context): string | undefined {
  const { path, url } = req
  const start = url.indexOf('/', url.indexOf('//') + 2)
  if (url.startsWith(path, start) && isEnd(url.charCodeAt(start + path.length))) return undefined
  const [own = ''] = url.slice(start).split(/[?#]/, 1)
  return decoded(own) === path ? undefined : path
}

/** Whether a target, in whatever form and spelling it came, makes a URL. */
function makesUrl(target: string, { url, origin }: { readonly url: string; readonly origin: string }): boolean {
  try {
    return new URL(target.startsWith('/') ? origin + target : target).href === url
  } catch {
    return false
  }
}

const isHostBefore = (host: string, url: string, end: number): boolean =>
  url.endsWith(host, end) && url.endsWith('//', end - host.length)

/** The target that Node was asked for, where the URL is another one: something in front has put it in its place. */
function replacedOf({ req: { raw }, env }: Context): string | undefined {
  const { url } = raw
  const { url: asked, headers } = askedOf(env)
  if (typeof asked !== 'string') return undefined
  const host = headers?.['host'] ?? headers?.[':authority']
  const start = url.length - asked.length
  // as most are, and each hit asks
  if (typeof host === 'string' && url.endsWith(asked) && isHostBefore(host, url, start)) return undefined
  const slash = url.indexOf('/', url.indexOf('//') + 2)
  const isOfHost = typeof host !== 'string' || isHostBefore(host, url, slash)
  return isOfHost && makesUrl(asked, { url, origin: url.slice(0, slash) }) ? undefined : asked
}

/** No JSON: whoever reads such a value reads an input that is not in the key. */
const OTHER = '?'

/** What the values that validators have made say of a request. */
function validated({ req }: Context): readonly unknown[] {
  return TARGETS.flatMap((target) => {
    const value: unknown = req.valid(target as never)
    return value === undefined ? [] : [[target, textOf(value) ?? OTHER]]
  })
}

/**
 * What of a request, beside its URI, chooses what its handler answers: the path that it was given to, and what validators in
 * front have made of the URI. They get the context as well, so each value is another one.
 */
export function chosenIn(c: Context): Chosen {
  const made = validated(c)
  return {
    rewritten: rewrittenOf(c) ?? replacedOf(c),
    selection: made.length === 0 ? undefined : { id: JSON.stringify(made), by: [] },
  }
}
