import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** What a request is made anew with. */
interface Anew {
  readonly method: string
  readonly target: string
  readonly isEncrypted: boolean
  /** Headers that only its client may send, in lower case. */
  readonly hidden: readonly string[]
}

interface Limits {
  /** Milliseconds after which it is given up. */
  readonly patience: number
  /** It ended; for whoever was not answered by then. */
  ended(): void
}

/** What is seen of the connection of the client, without a connection. */
function socketLike({ remoteAddress }: Socket, isEncrypted: boolean): Socket {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, written) => written() })
  const same = (): unknown => nowhere
  return Object.assign(nowhere, {
    remoteAddress,
    encrypted: isEncrypted,
    setTimeout: same,
    setNoDelay: same,
    setKeepAlive: same,
  }) as unknown as Socket
}

/** A request anew, without its client and without what only that may send. */
export function requestForNobody(req: IncomingMessage, { method, target, isEncrypted, hidden }: Anew): IncomingMessage {
  // where a proxy is trusted it says the same again, and where it is not nobody does
  const request = new IncomingMessage(socketLike(req.socket, isEncrypted))
  const rawHeaders = req.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 && !hidden.includes(name.toLowerCase()) ? [name, all[i + 1] ?? ''] : [],
  )
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !hidden.includes(name)))
  Object.assign(request, { method, url: target, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
  Object.assign(request, { headers, rawHeaders, complete: true })
  request.push(null)
  return request
}

/** The response to such a request, which goes nowhere. */
export function responseForNobody(request: IncomingMessage, { patience, ended }: Limits): ServerResponse {
  const response = new ServerResponse(request)
  // what never ends would be kept for ever: no client gives it up
  const limit = setTimeout(() => request.socket.destroy(), patience).unref()
  response.once('close', () => {
    clearTimeout(limit)
    ended()
  })
  response.once('finish', () => request.socket.destroy())
  response.assignSocket(request.socket)
  return response
}
