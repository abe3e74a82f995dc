import type { IncomingMessage } from 'node:http'

import type { PlatformRequest } from './platform.ts'

type WithBody = PlatformRequest & { readonly raw?: IncomingMessage; readonly body?: unknown }

/** What the parser of the platform has made of the body. */
function bodyOf({ method, body }: WithBody): string | null {
  if (method === 'GET' || method === 'HEAD' || body === undefined || body === null) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** A request of either platform as a `Request`. */
export function webRequestOf(request: WithBody): Request {
  // anybody may call something `raw`
  const { raw = request } = 'rawHeaders' in request ? {} : request
  const { rawHeaders, headers: received, url } = raw as unknown as IncomingMessage
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  const target = request.originalUrl ?? url ?? ''
  const { method } = request
  return new Request(`${request.protocol}://${received.host ?? 'localhost'}${target}`, {
    method,
    headers,
    body: bodyOf(request),
  })
}
