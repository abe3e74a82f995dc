import type { HeaderList, Outgoing } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import { flat } from './header-fields.ts'
import { besidePrior } from './prior-headers.ts'

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Hits share their headers as long as their age is the same. */
const flattened = new WeakMap<HeaderList, string[]>()

/** What `writeHead` takes. The length of bytes is known, so that they need not be sent in chunks. */
export function headOf(res: ServerResponse, { headers, body }: Outgoing): string[] {
  const own = besidePrior(res, headers)
  const known = flattened.get(own)
  if (known !== undefined) return known
  const isFramed = !(body instanceof Uint8Array) || own.some(([name]) => FRAMING.has(name.toLowerCase()))
  const made = isFramed ? flat(own) : [...flat(own), 'Content-Length', String(body.length)]
  flattened.set(own, made)
  return made
}

/** Sends what is there as a whole, which everything is that comes from the store. */
export function sendOutgoing(res: ServerResponse, outgoing: Outgoing): void {
  res.writeHead(outgoing.status, headOf(res, outgoing))
  res.end(outgoing.body)
}
