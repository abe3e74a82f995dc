import { bytesOf } from './bytes-of.ts'
import { validatorsIn } from './conditional.ts'
import { valueOf } from './header-list.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'
import { discard } from './outgoing.ts'
import type { ByteRange } from './ranges.ts'
import { contentRange, selectRange } from './ranges.ts'
import { wallClock } from './wall-clock.ts'

/** The bytes of a stream from `start` to `end`, as they come. What comes after them is not read. */
function cut(body: ReadableStream<Uint8Array>, { start, end }: ByteRange): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let at = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await reader.read()
          // shorter than it was said to be: whoever reads it must not take it for the whole part
          if (done) return controller.error(new Error('the body ended before the part that was asked for'))
          const bytes = bytesOf(value)
          const part = bytes.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
          at += bytes.length
          if (part.length > 0) controller.enqueue(part)
          if (at > end) {
            controller.close()
            return void reader.cancel().catch(() => {})
          }
          if (part.length > 0) return
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/**
 * The part that a request asked for of a 200 that passes by and is not stored, where its length is stated and one range is
 * asked for; else all of it (RFC 9110 §14.2).
 */
export function partOf(incoming: Incoming, outgoing: Outgoing): Outgoing {
  const { headers, body } = outgoing
  const stated = valueOf(headers, 'content-length')
  const size = body instanceof Uint8Array ? body.length : Number(stated ?? Number.NaN)
  const range = incoming.header('range')
  if (range === undefined || body === null || !Number.isSafeInteger(size)) return outgoing
  const now = wallClock()
  const ask = { range, ifRange: incoming.header('if-range'), size, validators: validatorsIn(headers, now), now }
  const part = selectRange(ask)
  if (part === undefined) return outgoing
  const rest = headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  const head = [...rest, ['Content-Range', contentRange(part, size)] as const]
  if (part === 'unsatisfiable') {
    discard(outgoing)
    return { status: 416, headers: [...head, ['Content-Length', '0']], body: null }
  }
  const length = ['Content-Length', String(part.end - part.start + 1)] as const
  const bytes = body instanceof Uint8Array ? body.subarray(part.start, part.end + 1) : cut(body, part)
  return { status: 206, headers: [...head, length], body: bytes }
}
