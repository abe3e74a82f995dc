import type { HeaderList } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { ChunkArguments } from './written-chunk.ts'

/** What makes Node write a head. */
export interface Opening {
  readonly by: 'end' | 'flushHeaders' | 'write'
  readonly args: ChunkArguments
  /** Whether the head has been written apart, with `writeHead`. */
  readonly isHeadWritten: boolean
  readonly hasBody: boolean
}

const BEYOND_ASCII = /[^\0-\x7f]/

const isDisposition = (name: string): boolean => name.toLowerCase() === 'content-disposition'

/** Whether the head goes out in one piece with text, which Node writes as UTF-8. */
function isWithText(fields: HeaderList, { by, args, hasBody }: Opening, isLengthKnown: boolean): boolean {
  if (by === 'flushHeaders') return true
  const [chunk, encoding] = args.filter((one) => typeof one !== 'function')
  if (!hasBody || typeof chunk !== 'string' || (encoding && encoding !== 'utf8')) return false
  if (chunk === '') return by === 'write'
  return isLengthKnown || fields.some(([name]) => name.toLowerCase() === 'content-length')
}

/**
 * The fields of a handler with the bytes that Node would send for them, each as a character. It sends Latin-1, but for a head that
 * goes out with text; and a `Content-Disposition` it takes for UTF-8 where it knows the length of the body by then.
 */
export function onWire(fields: HeaderList, opening: Opening): HeaderList {
  if (!fields.some(([, value]) => BEYOND_ASCII.test(value))) return fields
  const { by, args, isHeadWritten } = opening
  const [chunk] = args as readonly [unknown?]
  const isEndOfAll = by === 'end' && !isHeadWritten && typeof chunk !== 'function' && Boolean(chunk)
  let isLengthKnown = isEndOfAll && (chunk as { readonly length: number }).length > 0
  const encoding = isWithText(fields, opening, isLengthKnown) ? 'utf8' : 'latin1'
  return fields.map(([name, value]) => {
    if (name.toLowerCase() === 'content-length') isLengthKnown ||= Boolean(Number(value))
    const text = isLengthKnown && isDisposition(name) ? Buffer.from(value, 'latin1').toString() : value
    return [name, Buffer.from(text, encoding).toString('latin1')] as const
  })
}

/** Whether Node changes a header of a response where it knows the length of the body when it writes the head. */
export function isChangedByLength(res: ServerResponse): boolean {
  const value = res.getHeader('content-disposition')
  return value !== undefined && BEYOND_ASCII.test(String(value))
}

/** In an order in which Node does not know the length before. */
export function dispositionFirst(fields: HeaderList): HeaderList {
  const at = fields.findIndex(([name, value]) => isDisposition(name) && BEYOND_ASCII.test(value))
  const field = fields[at]
  return field === undefined ? fields : [field, ...fields.toSpliced(at, 1)]
}
