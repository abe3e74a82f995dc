import type { HeaderList, Incoming } from '@shelflife/http'
import type { ExecutionContext } from '@nestjs/common'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'

import { fieldsOf, linesOf, readHeader } from '@shelflife/node-http'

/** What the two platforms have in common. */
export interface PlatformRequest {
  readonly method: string
  readonly protocol?: string
  readonly originalUrl?: string
}

/** What Fastify puts around the response of Node. */
interface PlatformReply {
  getHeaders(): OutgoingHttpHeaders
  header(name: string, value: string): unknown
  readonly statusCode: number
}

/** One request, whatever the platform. */
export interface Platform {
  readonly request: PlatformRequest
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Fastify only. */
  readonly reply: PlatformReply | undefined
}

/** @param context of type `http` */
export function platformOf(context: ExecutionContext): Platform {
  const http = context.switchToHttp()
  const request = http.getRequest<PlatformRequest & { readonly raw?: IncomingMessage }>()
  const response = http.getResponse<ServerResponse | (PlatformReply & { readonly raw: ServerResponse })>()
  const req = request.raw ?? (request as unknown as IncomingMessage)
  return 'raw' in response
    ? { request, req, res: response.raw, reply: response }
    : { request, req, res: response, reply: undefined }
}

/** The headers that were set so far. Fastify keeps its own until it sends them. */
export const headersOf = ({ res, reply }: Platform): HeaderList =>
  reply === undefined
    ? fieldsOf(res)
    : Object.entries(reply.getHeaders()).flatMap(([name, value]) => linesOf(name, value))

const schemeOf = ({ socket }: IncomingMessage): string => ((socket as TLSSocket).encrypted ? 'https' : 'http')

/** A class, because a literal with an accessor has a shape of its own each time, which nothing is fast with. */
class PlatformIncoming implements Incoming {
  readonly method: string
  readonly authority: string
  readonly target: string
  readonly #platform: Platform
  readonly #headers: IncomingHttpHeaders

  constructor(platform: Platform) {
    const { request, req } = platform
    const { headers } = req
    this.method = req.method ?? ''
    this.authority = headers.host ?? headers[':authority']?.toString() ?? ''
    this.target = request.originalUrl ?? req.url ?? ''
    this.#platform = platform
    this.#headers = headers
  }

  get scheme(): string {
    const { request, req } = this.#platform
    return request.protocol ?? schemeOf(req)
  }

  header(name: string): string | undefined {
    return readHeader(this.#headers, name)
  }
}

/** The request as the cache sees it, whatever is hidden from the handler meanwhile. */
export const incomingOf = (platform: Platform): Incoming => new PlatformIncoming(platform)
