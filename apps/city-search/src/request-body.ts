import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { RequestError } from './request-error.ts'

const maxBytes = 1_024

/** The body as JSON. A body that is longer than any this service needs, or does not say how long it is, is not read. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY)
  if (bytes > maxBytes) throw new RequestError(400, `the body must have a content-length of at most ${maxBytes} bytes`)
  try {
    return await json(request)
  } catch {
    throw new RequestError(400, 'the body must be JSON')
  }
}
