import type { IncomingHttpHeaders } from 'node:http'

/** A header as the cache reads it: several lines joined. What every object inherits, such as `constructor`, is none. */
export function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value: unknown = headers[name]
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(', ') : undefined
}
