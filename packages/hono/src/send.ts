import type { HeaderList, Outgoing } from '@shelflife/http'
import { besideControl, isStar } from '@shelflife/http'
import type { Context } from 'hono'

import { keepStar } from './keep-star.ts'
import { keepPrivate } from './replaced-response.ts'

type Fields = Readonly<Record<string, string>>

/** The headers of a hit are the same list for a second. */
const known = new WeakMap<HeaderList, Fields | null>()

/** Several cookies, and a file name beyond ASCII, which Node refuses where a server has told it the length before. */
const needsHeaders = (name: string, value: string, isAgain: boolean): boolean =>
  name === 'set-cookie' ? isAgain : name === 'content-disposition' && /[^\0-\x7f]/.test(value)

/** `null` where only `Headers` will do. */
function joined(headers: HeaderList): Fields | null {
  const fields = new Map<string, string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const before = fields.get(lower)
    if (needsHeaders(lower, value, before !== undefined)) return null
    fields.set(lower, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(fields)
}

/** As a plain object, which servers send without a `Headers` in between. */
function fields(headers: HeaderList): Fields | null {
  const found = known.get(headers)
  if (found !== undefined) return found
  const made = joined(headers)
  known.set(headers, made)
  return made
}

/** The same list for a second, as for those with it. */
const uncounted = new WeakMap<HeaderList, HeaderList>()

function withoutLength(headers: HeaderList): HeaderList {
  const found = uncounted.get(headers)
  if (found !== undefined) return found
  const made = headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  uncounted.set(headers, made)
  return made
}

function merged(earlier: HeaderList, headers: HeaderList): Headers {
  const all = new Headers(earlier as [string, string][])
  for (const [name] of headers) if (name.toLowerCase() !== 'set-cookie') all.delete(name)
  for (const [name, value] of headers) all.append(name, value)
  return all
}

function headersOf(earlier: HeaderList, headers: HeaderList, hasBody: boolean): Fields | Headers {
  const found = fields(headers)
  // @hono/node-server says that a body is text where nothing says what it is, unless fields are a plain object
  const own = found !== null && hasBody && !('content-type' in found) ? null : found
  if (earlier.length === 0 && own !== null) return own
  const before = joined(earlier)
  const isMore = own === null || before === null || ('set-cookie' in own && 'set-cookie' in before)
  return isMore ? merged(earlier, headers) : { ...before, ...own }
}

/** The fields that an answer has when it is sent, as a server lists them. */
export const fieldsOf = ({ headers }: Outgoing, earlier: HeaderList): HeaderList => [...merged(earlier, headers)]

/** The same of what is stored, of which nothing is this client's. */
export function sendStored(c: Context, stored: Outgoing, earlier: HeaderList): void {
  const [, control] = earlier.find(([name]) => name === 'cache-control') ?? []
  const headers = besideControl(control, stored.headers)
  send(c, headers === stored.headers ? stored : { ...stored, headers }, earlier)
}

const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304])

/**
 * Makes an answer of the cache the response of a context. It has what earlier middlewares set as well, except where the
 * answer has the same field.
 */
export function send(c: Context, { status, headers, body }: Outgoing, earlier: HeaderList): void {
  const content = WITHOUT_BODY.has(status)
    ? null
    : (body as ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null)
  // servers count what is whole, and who changes it in front of the cache need not know of a length
  const own = content instanceof Uint8Array ? withoutLength(headers) : headers
  const response = new Response(content, { status, headers: headersOf(earlier, own, content !== null) })
  // otherwise Hono would merge what was there into it once more, and copy the body through a stream for that
  c.res = undefined
  c.res = response
  keepPrivate(c)
  if (headers.some(isStar)) keepStar(c)
}
