import type { ServerResponse } from 'node:http'
import type { Http2Stream } from 'node:http2'

/** `INTERNAL_ERROR` of HTTP/2. */
const INTERNAL_ERROR = 2

/**
 * What breaks an answer off, by the methods that it has at this moment, so that its client sees that something is missing: over
 * HTTP/2 a stream that is destroyed without an error ends like one that is whole.
 */
export function breakingOff(res: ServerResponse): () => void {
  const { destroy, stream } = res as ServerResponse & { readonly stream?: Http2Stream }
  // anybody may call something `stream`
  const isOverHttp2 = res.req.httpVersionMajor > 1
  return () => {
    // one that has ended is on its way
    if (isOverHttp2 && stream?.writableEnded === false) stream.close(INTERNAL_ERROR)
    destroy.call(res)
  }
}
