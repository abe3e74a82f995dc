import type { HeaderList } from '@shelflife/http'
import type { ClientRequest, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** One pair for each line. */
export function linesOf(name: string, value: OutgoingHttpHeader | readonly string[] | undefined): HeaderList {
  if (Array.isArray(value)) return value.map((line) => [name, String(line)] as const)
  return value === undefined ? [] : [[name, String(value)]]
}

/** The headers in the arguments of `writeHead`: an object, a list of names and values in turn, or one of pairs. */
export function fieldsIn(args: readonly unknown[]): HeaderList {
  const headers = args.find((one) => typeof one === 'object' && one !== null)
  if (headers === undefined) return []
  if (!Array.isArray(headers)) {
    return Object.entries(headers as OutgoingHttpHeaders).flatMap(([name, value]) => linesOf(name, value))
  }
  const flat: readonly unknown[] = Array.isArray(headers[0]) ? headers.flat(1) : headers
  return flat.flatMap((name, i) => (i % 2 === 0 ? linesOf(String(name), flat[i + 1] as OutgoingHttpHeader) : []))
}

/** The headers that were set on a response of Node, with their names as they were written. */
export function headersOn(res: ServerResponse): HeaderList {
  // types know it of requests only
  const names = (res as unknown as Pick<ClientRequest, 'getRawHeaderNames'>).getRawHeaderNames()
  return names.flatMap((name) => linesOf(name, res.getHeader(name)))
}

/** Values by name in lower case. */
export function byName(headers: HeaderList): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const lines = all.get(lower)
    if (lines === undefined) all.set(lower, [value])
    else lines.push(value)
  }
  return all
}
