import type { HeaderList } from '@shelflife/http'
import type { ExecutionContext, Type } from '@nestjs/common'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

import { asMade, fieldsOf, linesOf } from '@shelflife/node-http'

/** What the two platforms have in common, and what only one has. */
export interface PlatformRequest {
  readonly method: string
  readonly protocol?: string
  readonly originalUrl?: string
  /** Of both, but in old versions of Express without the port. */
  readonly host?: string
  /** Fastify: only where a proxy is trusted. */
  readonly ips?: readonly string[] | undefined
  /** Express only. */
  readonly baseUrl?: string
  readonly app?: { get(setting: string): unknown }
}

/** What Fastify puts around the response of Node. */
interface PlatformReply {
  getHeaders(): OutgoingHttpHeaders
  header(name: string, value: string): unknown
  send(...args: readonly unknown[]): unknown
  readonly statusCode: number
}

/** One request, whatever the platform. */
export interface Platform {
  /** The class of the controller. */
  readonly controller: Type
  readonly request: PlatformRequest
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Fastify only. */
  readonly reply: PlatformReply | undefined
}

/** @param context of type `http` */
export function platformOf(context: ExecutionContext): Platform {
  const http = context.switchToHttp()
  const controller = context.getClass()
  const request = http.getRequest<PlatformRequest & IncomingMessage & { readonly raw: IncomingMessage }>()
  const response = http.getResponse<ServerResponse | (PlatformReply & { readonly raw: ServerResponse })>()
  // anybody may call something `raw`
  return 'setHeader' in response
    ? { controller, request, req: request, res: response, reply: undefined }
    : { controller, request, req: request.raw, res: response.raw, reply: response }
}

/** The headers that were set so far. Fastify keeps its own until it sends them. */
export const headersOf = ({ res, reply }: Platform): HeaderList =>
  reply === undefined
    ? fieldsOf(res)
    : Object.entries(reply.getHeaders()).flatMap(([name, value]) => linesOf(name, value))

/** Whether the platform believes what the proxy in front of it says of the client. */
export function isProxyTrusted({ request, req, reply }: Platform): boolean {
  if (reply !== undefined) return request.ips !== undefined
  const trusts = asMade(request).app?.get('trust proxy fn') as
    | ((address: string | undefined, hop: number) => boolean)
    | undefined
  return trusts?.(req.socket.remoteAddress, 0) === true
}
