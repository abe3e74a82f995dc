import type { HeaderList } from '@shelflife/http'
import type { ServerResponse } from 'node:http'
import { validateHeaderName, validateHeaderValue } from 'node:http'

import type { HeadArguments } from './header-fields.ts'
import { headersIn, rawNamesOf } from './header-fields.ts'

const failure = (type: ErrorConstructor, code: string, message: string): Error =>
  Object.assign(new type(message), { code })

/**
 * Throws what `writeHead` of Node would throw, so that the handler gets it and not whoever sends its answer.
 *
 * @returns the status that Node makes of what it was given
 */
export function checkHead(res: ServerResponse, args: HeadArguments): number {
  const [given, message] = args
  // as Node does: what is no number is 0
  const status = Number(given) | 0
  if (status < 100 || status > 999) {
    throw failure(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(given)}`)
  }
  // beside headers that were set before, Node looks at several values as one
  const isAlone = rawNamesOf(res).length === 0
  for (const [name, values] of headersIn(args)) {
    validateHeaderName(name)
    const each: readonly unknown[] = isAlone && Array.isArray(values) ? values : [values]
    for (const value of each) validateHeaderValue(name, value as string)
  }
  if (res.req.httpVersionMajor > 1) return status
  const reason = typeof message === 'string' ? message : res.statusMessage
  if (reason) validateHeaderValue('statusMessage', reason)
  return status
}

/** What decides in what way a body is sent. */
interface Framing {
  readonly status: number
  readonly fields: HeaderList
  readonly hasBody: boolean
}

const find = (fields: HeaderList, wanted: string): string | undefined =>
  fields.find(([name]) => name.toLowerCase() === wanted)?.[1]

/** Throws what Node would throw for a `Trailer` of a body that is not sent in chunks. */
export function checkTrailer(res: ServerResponse, { status, fields, hasBody }: Framing): void {
  if (find(fields, 'trailer') === undefined || res.req.httpVersionMajor > 1) return
  const stated = find(fields, 'transfer-encoding')
  const isChunked =
    stated === undefined
      ? hasBody && find(fields, 'content-length') === undefined && res.useChunkedEncodingByDefault
      : /\bchunked\b/i.test(stated) && status !== 204 && status !== 304
  if (!isChunked) {
    throw failure(Error, 'ERR_HTTP_TRAILER_INVALID', 'Trailers are invalid with this transfer encoding')
  }
}
