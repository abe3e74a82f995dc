import { systemClock } from '@shelflife/core'
import type { HeaderList } from '@shelflife/http'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

/** What a request is made anew with. */
interface Anew {
  readonly method: string
  readonly target: string
  readonly isEncrypted: boolean
  /** Whether only its client may send a header, by its name in lower case. */
  isHidden(name: string): boolean
  /** Headers in the place of what was received, by their names in lower case. Default: none. */
  readonly replaced?: HeaderList
}

interface Limits {
  /** Milliseconds after which it is given up. */
  readonly patience: number
  /** It ended; for whoever was not answered by then. */
  ended(): void
}

/** What a connection by TLS says of a client that has shown no certificate and has no session. */
const WITHOUT_CERTIFICATE: Partial<TLSSocket> = {
  authorized: false,
  getPeerCertificate: () => ({}) as DetailedPeerCertificate,
  getPeerX509Certificate: () => undefined,
  getSession: () => undefined,
  getTLSTicket: () => undefined,
  isSessionReused: () => false,
}

/** What is seen of the connection of the client, without a connection: what is written to it is gone. */
class Nowhere extends Socket {
  readonly encrypted: boolean

  constructor(client: Socket, isEncrypted: boolean) {
    super()
    this.encrypted = isEncrypted
    // an accessor of all sockets, which asks a connection
    Object.defineProperty(this, 'remoteAddress', { value: client.remoteAddress })
    if ('getPeerCertificate' in client) Object.assign(this, WITHOUT_CERTIFICATE)
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: BufferEncoding, written: () => void): void {
    written()
  }

  override _writev(_chunks: unknown, written: () => void): void {
    written()
  }

  override _final(ended: () => void): void {
    ended()
  }
}

/** A request anew, without its client and without what only that may send. */
export function requestForNobody(
  req: IncomingMessage,
  { method, target, isEncrypted, isHidden, replaced = [] }: Anew,
): IncomingMessage {
  // where a proxy is trusted it says the same again, and where it is not nobody does
  const request = new IncomingMessage(new Nowhere(req.socket, isEncrypted))
  const rawHeaders = req.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 && !isHidden(name.toLowerCase()) ? [name, all[i + 1] ?? ''] : [],
  )
  rawHeaders.push(...replaced.flat())
  const kept = Object.entries(req.headers).filter(([name]) => !isHidden(name))
  const headers = Object.fromEntries([...kept, ...replaced])
  Object.assign(request, { method, url: target, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
  Object.assign(request, { headers, rawHeaders, complete: true })
  request.push(null)
  return request
}

/** The response to such a request, which goes nowhere. */
export function responseForNobody(request: IncomingMessage, { patience, ended }: Limits): ServerResponse {
  const response = new ServerResponse(request)
  // what never ends would be kept for ever: no client gives it up
  const cancel = systemClock.after(patience, () => request.socket.destroy())
  response.once('close', () => {
    cancel()
    ended()
  })
  response.once('finish', () => request.socket.destroy())
  response.assignSocket(request.socket)
  return response
}
