import type { HeaderList, Outgoing } from '@shelflife/http'
import { besideControl } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import { dispositionFirst, isChangedByLength, keepStar } from '@shelflife/node-http'
import { besidePrior } from './prior-headers.ts'

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Hits share their headers as long as their age is the same. */
const heads = new WeakMap<HeaderList, Head>()

/** Lines by name: beside headers that were set before, Node takes a list apart line by line, twice. */
type Head = Readonly<Record<string, string | string[]>>

function linesByName(headers: HeaderList): Head {
  const lines = new Map<string, { readonly name: string; readonly value: string | string[] }>()
  for (const [any, value] of headers) {
    const lower = any.toLowerCase()
    const before = lines.get(lower)
    lines.set(lower, before === undefined ? { name: any, value } : { ...before, value: [before.value, value].flat() })
  }
  // no name becomes the prototype, and Node goes through the properties of this one faster than of one without
  return Object.fromEntries([...lines.values()].map(({ name, value }) => [name, value]))
}

/** The fields that go out with a body, beside those of the answer. */
function framed(headers: HeaderList, body: Outgoing['body']): HeaderList {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  // trailers need chunks
  if (names.has('trailer')) return headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  const isFramed = !(body instanceof Uint8Array) || [...FRAMING].some((name) => names.has(name))
  return isFramed ? headers : [...headers, ['Content-Length', String(body.length)]]
}

/** What `writeHead` takes. The length of bytes is known, so that they need not be sent in chunks. */
export function headOf(res: ServerResponse, { headers, body }: Outgoing): Head {
  const own = besidePrior(res, headers)
  const known = heads.get(own)
  if (known !== undefined) return known
  const made = linesByName(dispositionFirst(framed(own, body)))
  heads.set(own, made)
  return made
}

/** Sends what is there as a whole, which everything is that comes from the store. */
export function sendOutgoing(res: ServerResponse, stored: Outgoing): void {
  const control = res.getHeader('cache-control')
  const headers = control === undefined ? stored.headers : besideControl(String(control), stored.headers)
  const outgoing = headers === stored.headers ? stored : { ...stored, headers }
  res.statusCode = outgoing.status
  for (const [name, value] of Object.entries(headOf(res, outgoing))) res.setHeader(name, value)
  keepStar(res)
  // the head goes with the end: who wraps that in front sets headers there
  const { body } = outgoing
  if (body === null || !isChangedByLength(res)) return void res.end(body)
  res.write(body)
  res.end()
}
