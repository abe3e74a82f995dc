import type { HeaderList } from '@shelflife/http'
import { withVary } from '@shelflife/http'
import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

import { linesOf, namesOfVary, rawNamesOf } from '@shelflife/node-http'

type Value = OutgoingHttpHeader | undefined

/** What the handler made of the headers. */
interface HandlerFields {
  /** Those of the response itself, in order. */
  readonly fields: HeaderList
  /** Those that were there before and that it took away, in lower case. */
  readonly removed: readonly string[]
  /** Those that it added to: what was there before would be stored with them. */
  readonly extended: readonly string[]
}

/** The headers that middlewares in front of the cache have set: of this one answer, and not of the response. */
export interface PriorHeaders {
  /** @param written those in the arguments of `writeHead` */
  fieldsOfHandler(written: HeaderList): HandlerFields
  /** Puts them back, and takes away all others. */
  restore(without: readonly string[]): void
}

/**
 * What is about the response wherever it is set: how it may be cached, and what is in it. `Vary` of CORS in front of the
 * cache has to select among the variants, and `no-store` has to count.
 */
const OF_RESPONSE =
  /(?:^|-)cache-control$|^(?:age|cache-groups|content-(?:encoding|language|length|location|range|type)|date|etag|expires|last-modified|pragma|surrogate-control|vary)$/

/** Node adds to the list that it has given. */
const copyOf = (value: Value): Value => (Array.isArray(value) ? [...value] : value)

const isSame = (a: Value, b: Value): boolean => (Array.isArray(a) ? String(a) === String(b) : a === b)

const isKept = (before: HeaderList, now: HeaderList): boolean => before.every(([, value], i) => now[i]?.[1] === value)

/** The lines that are new: a cookie of this client that was set before must not be stored with one of the handler. */
function linesSince(before: HeaderList, now: HeaderList): HeaderList {
  return isKept(before, now) ? now.slice(before.length) : now
}

export function priorHeaders(res: ServerResponse): PriorHeaders {
  // those that the handler gets throw once it has written its head
  const { setHeader, removeHeader } = res
  const before = new Map(
    rawNamesOf(res).map((name) => [name.toLowerCase(), { name, value: copyOf(res.getHeader(name)) }] as const),
  )

  function linesOfHandler(name: string, lines: HeaderList): HeaderList {
    const prior = before.get(name)
    if (prior === undefined || OF_RESPONSE.test(name)) return lines
    if (name === 'set-cookie') return linesSince(linesOf(prior.name, prior.value), lines)
    return isSame(prior.value, res.getHeader(name)) ? [] : lines
  }

  function isExtended(name: string): boolean {
    const prior = before.get(name)
    if (prior === undefined || name === 'set-cookie' || OF_RESPONSE.test(name)) return false
    const [lines, now] = [linesOf(name, prior.value), linesOf(name, res.getHeader(name))]
    return now.length > lines.length && isKept(lines, now)
  }

  return {
    fieldsOfHandler(written) {
      const anew = new Set(written.map(([name]) => name.toLowerCase()))
      const kept = rawNamesOf(res)
        .filter((name) => !anew.has(name.toLowerCase()))
        .flatMap((name) => linesOfHandler(name.toLowerCase(), linesOf(name, res.getHeader(name))))
      const removed = [...before.keys()].filter((name) => !res.hasHeader(name) && !anew.has(name))
      const extended = [...before.keys()].filter((name) => !anew.has(name) && isExtended(name))
      return { fields: [...kept, ...written], removed, extended }
    },
    restore(without) {
      for (const name of rawNamesOf(res)) removeHeader.call(res, name)
      for (const [lower, { name, value }] of before) {
        if (value === undefined || without.includes(lower) || OF_RESPONSE.test(lower)) continue
        setHeader.call(res, name, value)
      }
    },
  }
}

/**
 * The headers of a stored response as they go out beside those that were set before: the stored one wins, but cookies are
 * added, and so is what `Vary` names.
 */
export function besidePrior(res: ServerResponse, headers: HeaderList): HeaderList {
  const cookies = res.getHeader('set-cookie')
  const vary = res.getHeader('vary')
  if (cookies === undefined && vary === undefined) return headers
  const isNamed = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted)
  const also = cookies !== undefined && isNamed('set-cookie') ? linesOf('Set-Cookie', cookies) : []
  const isOne = vary === undefined || (typeof vary === 'string' && !isNamed('vary'))
  const own = isOne ? headers : withVary(headers, namesOfVary([vary].flat().map(String)))
  return also.length === 0 ? own : [...also, ...own]
}
