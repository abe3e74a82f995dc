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

/** What was given to `writeHead` as headers: an object, a list of names and values in turn, or one of pairs. */
export function headersIn([, ...rest]: HeadArguments): readonly (readonly [name: string, values: Values])[] {
  const headers = rest.find((one) => typeof one === 'object' && one !== null)
  if (headers === undefined) return []
  if (!Array.isArray(headers)) return Object.entries(headers as OutgoingHttpHeaders)
  const flat: readonly unknown[] = Array.isArray(headers[0]) ? headers.flat(1) : headers
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name as string, flat[i + 1] as Values] as const] : []))
}

/** The headers in the arguments of `writeHead`, line by line. */
export const fieldsIn = (args: HeadArguments): HeaderList =>
  headersIn(args).flatMap(([name, values]) => linesOf(String(name), values))

/** Types know it of requests only, and responses over HTTP/2 do not have it: all their names are in lower case. */
type RawNames = Partial<Pick<ClientRequest, 'getRawHeaderNames'>>

/** Past whoever watches what handlers ask for. */
const namesOf = (response: ServerResponse): readonly string[] =>
  (Object.getPrototypeOf(response) as ServerResponse).getHeaderNames.call(response)

/** The names of the headers that were set so far, as they were written where that is known. */
export const rawNamesOf = (response: ServerResponse): readonly string[] =>
  (response as unknown as RawNames).getRawHeaderNames?.() ?? namesOf(response)

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

/** They speak of one connection, which HTTP/2 does without (RFC 9113 §8.2.2). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** The headers that can be sent to a client by the version of HTTP that it speaks. */
export const sendableTo = ({ req }: ServerResponse, headers: HeaderList): HeaderList =>
  req.httpVersionMajor > 1 ? headers.filter(([name]) => !OF_CONNECTION.has(name.toLowerCase())) : headers
