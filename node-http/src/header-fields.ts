import type { HeaderList } from '@shelflife/http'
import type { ClientRequest, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Arguments of `writeHead`. */
export type HeadArguments = readonly [status: number, ...rest: readonly unknown[]]

type Values = OutgoingHttpHeader | readonly string[] | undefined

/** One pair for each line. */
export function linesOf(name: string, values: Values): HeaderList {
  if (Array.isArray(values)) return values.map((value) => [name, String(value)] as const)
  return values === undefined ? [] : [[name, String(values)]]
}

/** The headers in the arguments of `writeHead`: an object, a list of names and values in turn, or one of pairs. */
export function fieldsIn([, ...rest]: HeadArguments): HeaderList {
  const headers = rest.find((one) => typeof one === 'object' && one !== null)
  if (headers === undefined) return []
  if (!Array.isArray(headers)) {
    return Object.entries(headers as OutgoingHttpHeaders).flatMap(([name, values]) => linesOf(name, values))
  }
  const flat: readonly unknown[] = Array.isArray(headers[0]) ? headers.flat(1) : headers
  return flat.flatMap((name, i) => (i % 2 === 0 ? linesOf(String(name), flat[i + 1] as Values) : []))
}

/** Types know it of requests only, and responses over HTTP/2 do not have it: all their names are in lower case. */
type RawNames = Partial<Pick<ClientRequest, 'getRawHeaderNames'>>

/** The names of the headers that were set so far, as they were written where that is known. */
export const rawNamesOf = (response: ServerResponse): readonly string[] =>
  (response as unknown as RawNames).getRawHeaderNames?.() ?? response.getHeaderNames()

/** The headers that were set so far, but for those that are set anew. */
export function fieldsOf(response: ServerResponse, anew: HeaderList = []): HeaderList {
  const replaced = new Set(anew.map(([name]) => name.toLowerCase()))
  return [
    ...rawNamesOf(response)
      .filter((name) => !replaced.has(name.toLowerCase()))
      .flatMap((name) => linesOf(name, response.getHeader(name))),
    ...anew,
  ]
}
