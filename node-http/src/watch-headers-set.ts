import type { ServerResponse } from 'node:http'

import { overlay, values } from './overlay.ts'

/**
 * What is about the response wherever it is set, and what is added to where it is set again: libraries look at these
 * before they set them.
 */
const LOOKED_AT =
  /(?:^|-)cache-(?:control|status)$|^(?:accept-ranges|age|connection|content-.*|date|etag|expires|last-modified|link|pragma|set-cookie|transfer-encoding|vary|warning)$/

/** The part of a response that tells its headers. */
type Told = Pick<ServerResponse, 'getHeader' | 'getHeaders' | 'hasHeader'> &
  Partial<Pick<ServerResponse, 'getHeaderNames'>>

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
  const { getHeader, getHeaderNames, getHeaders, hasHeader } = res
  const before = new Map(
    Object.entries(getHeaders.call(res))
      .filter(([name]) => !LOOKED_AT.test(name))
      .map(([name, value]) => [name, String(value)]),
  )
  if (before.size === 0) return () => {}
  const tell = (any: string): void => {
    const name = String(any).toLowerCase()
    // the handler has set it since
    if (before.has(name) && String(getHeader.call(res, name)) === before.get(name)) note(`res.headers.${name}`)
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
