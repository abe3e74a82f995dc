import type { HeaderList, Outgoing } from '@shelflife/http'
import { besideControl } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import { dispositionFirst, isChangedByLength, keepStar } from '@shelflife/node-http'
import { besidePrior } from './prior-headers.ts'

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Hits share their headers as long as their age is the same. */
const heads = new WeakMap<HeaderList, Head>()

/** All lines of a name as one value, as Node sets them. */
type Head = readonly (readonly [name: string, value: string | string[]])[]

function linesByName(headers: HeaderList): Head {
  const lines = new Map<string, Head[number]>()
  for (const [any, value] of headers) {
    const lower = any.toLowerCase()
    const [name, before] = lines.get(lower) ?? [any]
    lines.set(lower, [name, before === undefined ? value : [before, value].flat()])
  }
  return [...lines.values()]
}

/** The fields that go out with a body, beside those of the answer. */
function framed(headers: HeaderList, body: Outgoing['body']): HeaderList {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  // trailers need chunks
  if (names.has('trailer')) return headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  const isFramed = !(body instanceof Uint8Array) || [...FRAMING].some((name) => names.has(name))
  return isFramed ? headers : [...headers, ['Content-Length', String(body.length)]]
}

/** What is set on the response. The length of bytes is known, so that they need not be sent in chunks. */
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
  // one that has a property where others have none makes Node slower
  if (res.statusCode !== outgoing.status) res.statusCode = outgoing.status
  for (const [name, value] of headOf(res, outgoing)) res.setHeader(name, value)
  keepStar(res)
  // the head goes with the end: who wraps that in front sets headers there
  const { body } = outgoing
  if (body === null || !isChangedByLength(res)) return void res.end(body)
  res.write(body)
  res.end()
}
