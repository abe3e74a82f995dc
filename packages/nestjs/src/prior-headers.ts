import type { HeaderList, Outgoing } from '@shelflife/http'
import { withVary } from '@shelflife/http'
import { dispositionFirst, namesOfVary, rawNamesOf, sendableTo } from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'

/** What the handler made of the headers. */
interface HandlerFields {
  /** Those of the response itself, in order. */
  readonly fields: HeaderList
  /** Whether it took away what others had set before, which a stored response cannot do. */
  readonly hasRemoved: boolean
  /** Those that were added to, in lower case: what others had set before would be stored with them. */
  readonly extended: readonly string[]
}

/** The headers that were set before the cache was asked: of this one answer, and not of the response. */
export interface PriorHeaders {
  /** @param all that would be sent */
  fieldsOfHandler(all: HeaderList): HandlerFields
  /** Sets them, and none else, and says what goes out beside them, instead of those that it names again. */
  headFor(res: ServerResponse, outgoing: Outgoing): HeaderList
}

/**
 * What is about the response wherever it is set: how it may be cached, and what is in it. `Vary` of CORS has to select
 * among the variants, and the `no-store` of a middleware has to count.
 */
const OF_RESPONSE =
  /(?:^|-)cache-control$|^(?:age|cache-groups|content-(?:encoding|language|length|location|range|type)|date|etag|expires|last-modified|pragma|surrogate-control|vary)$/

const OF_FRAMEWORK: ReadonlySet<string> = new Set(['x-powered-by', 'cache-status'])

/** Values by name in lower case. */
function byName(headers: HeaderList): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const lines = all.get(lower)
    if (lines === undefined) all.set(lower, [value])
    else lines.push(value)
  }
  return all
}

export function priorHeaders(prior: HeaderList): PriorHeaders {
  const before = byName(prior)

  /** Lines of a name that are new: a cookie of this client must not be stored with one of the handler. */
  function isOld(name: string, lines: readonly string[], at: number): boolean {
    const old = before.get(name)
    if (old === undefined || OF_RESPONSE.test(name)) return false
    if (name === 'set-cookie') return at < old.length && lines[at] === old[at]
    return lines.join() === old.join()
  }

  function isExtended([name, lines]: readonly [string, readonly string[]]): boolean {
    const old = before.get(name)
    if (old === undefined || name === 'set-cookie' || OF_RESPONSE.test(name)) return false
    return lines.length > old.length && old.every((line, i) => line === lines[i])
  }

  /** The response wins, but cookies are added, and so is what `Vary` names. */
  function beside(headers: HeaderList): HeaderList {
    const own = byName(headers)
    const cookies = own.has('set-cookie') ? (before.get('set-cookie') ?? []) : []
    const vary = before.get('vary') ?? []
    const all = own.has('vary') || vary.length > 1 ? withVary(headers, namesOfVary(vary)) : headers
    return [...cookies.map((line) => ['Set-Cookie', line] as const), ...all]
  }

  return {
    fieldsOfHandler(all) {
      const now = byName(all)
      const seen = new Map<string, number>()
      const fields = all.filter(([name]) => {
        const lower = name.toLowerCase()
        const at = seen.get(lower) ?? 0
        seen.set(lower, at + 1)
        return !isOld(lower, now.get(lower) ?? [], at)
      })
      const isGone = (name: string): boolean => !now.has(name) && !OF_RESPONSE.test(name) && !OF_FRAMEWORK.has(name)
      const extended = [...now].filter(isExtended).map(([name]) => name)
      return { fields, hasRemoved: [...before.keys()].some(isGone), extended }
    },
    headFor(res, { headers, body }) {
      for (const name of rawNamesOf(res)) res.removeHeader(name)
      for (const [name, value] of prior) if (!OF_RESPONSE.test(name.toLowerCase())) res.appendHeader(name, value)
      // nothing can follow what is sent in one piece
      const all = beside(headers).filter(([name]) => body instanceof ReadableStream || name.toLowerCase() !== 'trailer')
      const own = byName(all)
      const isFramed = !(body instanceof Uint8Array) || own.has('content-length') || own.has('transfer-encoding')
      return sendableTo(res, dispositionFirst(isFramed ? all : [...all, ['Content-Length', String(body.length)]]))
    },
  }
}
