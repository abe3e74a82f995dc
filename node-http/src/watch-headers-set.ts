import type { ServerResponse } from 'node:http'

import { createAside } from './aside.ts'
import { overlay, values } from './overlay.ts'

/** What frameworks and libraries themselves look at while they send: it is about the response wherever it is set. */
const LOOKED_AT =
  /(?:^|-)cache-(?:control|status)$|^(?:accept-ranges|age|connection|content-(?:disposition|encoding|length|range|type)|date|etag|expires|last-modified|pragma|transfer-encoding|vary)$/

/** The part of a response that tells its headers. */
type Told = Pick<ServerResponse, 'getHeader' | 'getHeaders' | 'hasHeader'> &
  Partial<Pick<ServerResponse, 'getHeaderNames'>> & {
    /** Of Express. */
    append?(name: string, value: unknown): unknown
  }

const linesIn = (value: unknown): readonly string[] => [value].flat().map(String)

interface ToWatch {
  /** Is told `res.headers.x-user`. */
  note(path: string): void
  /** Whether the framework itself asks for all of them, which then tells nothing. Default false. */
  readonly areAllAsked?: boolean
}

/**
 * Tells which headers are read back that something in front of the cache has set on a response.
 *
 * @returns what ends it
 */
export function watchHeadersSet(res: Told, { note, areAllAsked = false }: ToWatch): () => void {
  const { append, getHeader, getHeaderNames, getHeaders, hasHeader } = res
  const { aside, isAside } = createAside()
  const before = new Map(
    Object.entries(getHeaders.call(res))
      .filter(([name]) => !LOOKED_AT.test(name))
      .map(([name, value]) => [name, linesIn(value)]),
  )
  if (before.size === 0) return () => {}
  const tell = (any: string): void => {
    const name = String(any).toLowerCase()
    const lines = before.get(name)
    if (lines === undefined || isAside()) return
    const now = linesIn(getHeader.call(res, name))
    // or else the handler has set it since
    if (lines.every((line) => now.includes(line))) note(`res.headers.${name}`)
  }
  return overlay(
    res,
    values({
      getHeader(name: string) {
        tell(name)
        return getHeader.call(res, name)
      },
      hasHeader(name: string) {
        tell(name)
        return hasHeader.call(res, name)
      },
      getHeaders() {
        const all = getHeaders.call(res)
        if (areAllAsked) return all
        for (const name of before.keys()) {
          const value = all[name]
          const get = (): unknown => {
            tell(name)
            return value
          }
          if (value !== undefined) Object.defineProperty(all, name, { get, enumerable: true, configurable: true })
        }
        return all
      },
      // the cookies that are there already are not stored with the one that is added
      ...(append && {
        append(name: string, value: unknown) {
          const add = (): unknown => append.call(res, name, value)
          return String(name).toLowerCase() === 'set-cookie' ? aside(add) : add()
        },
      }),
      // Fastify has none
      ...(getHeaderNames && {
        getHeaderNames() {
          for (const name of before.keys()) tell(name)
          return getHeaderNames.call(res)
        },
      }),
    }),
  )
}
