import type { Incoming } from '@shelflife/http'
import type { Request } from 'express'

/** An Express request as the cache sees it, whatever becomes of `req.headers` meanwhile. */
export function incomingOf(req: Request): Incoming {
  const { headers } = req
  return {
    method: req.method,
    get scheme() {
      return req.protocol
    },
    authority: headers.host ?? '',
    target: req.originalUrl,
    header(name) {
      // what every object inherits, such as `constructor`, is no header
      const value: unknown = headers[name]
      if (typeof value === 'string') return value
      return Array.isArray(value) ? value.join(', ') : undefined
    },
  }
}
