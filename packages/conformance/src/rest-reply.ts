/** What Redis replies, strings as bytes. */
export type RestReply = null | number | Buffer | Error | readonly RestReply[]

/** How strings stand in JSON: as text, where bytes that are not UTF-8 are lost, or in base64. */
export type RestEncoding = 'text' | 'base64'

const CRLF = '\r\n'

function inJson(reply: RestReply, encoding: RestEncoding): unknown {
  if (reply instanceof Error) return reply.message
  if (Array.isArray(reply)) return reply.map((one) => inJson(one, encoding))
  if (!Buffer.isBuffer(reply)) return reply
  const text = reply.toString()
  return encoding === 'text' || text === 'OK' ? text : reply.toString('base64')
}

/** `{ result }`, or `{ error }`. */
export const jsonOf = (reply: RestReply, encoding: RestEncoding): object =>
  reply instanceof Error ? { error: reply.message } : { result: inJson(reply, encoding) }

/** The reply as a connection of Redis would carry it. */
export function resp2Of(reply: RestReply): Buffer {
  if (reply === null) return Buffer.from(`$-1${CRLF}`)
  if (typeof reply === 'number') return Buffer.from(`:${reply}${CRLF}`)
  if (reply instanceof Error) return Buffer.from(`-${reply.message}${CRLF}`)
  if (Buffer.isBuffer(reply)) {
    if (reply.toString() === 'OK') return Buffer.from(`+OK${CRLF}`)
    return Buffer.concat([Buffer.from(`$${reply.length}${CRLF}`), reply, Buffer.from(CRLF)])
  }
  const all = reply as readonly RestReply[]
  return Buffer.concat([Buffer.from(`*${all.length}${CRLF}`), ...all.map(resp2Of)])
}
