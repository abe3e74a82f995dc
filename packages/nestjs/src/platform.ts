import type { HeaderList, Incoming, Selection } from '@shelflife/http'
import type { ExecutionContext } from '@nestjs/common'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'

import { fieldsOf, linesOf, readHeader } from '@shelflife/node-http'

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

/** Whether the platform believes what the proxy in front of it says of the client. */
export function isProxyTrusted({ request, req, reply }: Platform): boolean {
  if (reply !== undefined) return request.ips !== undefined
  const trusts = request.app?.get('trust proxy fn') as
    | ((address: string | undefined, hop: number) => boolean)
    | undefined
  return trusts?.(req.socket.remoteAddress, 0) === true
}

/** No host is called so: a request that names two is not looked up. */
const NEITHER = 'two hosts'

/** The host that the platform tells handlers and `@Controller({ host })`. */
function authorityOf(platform: Platform): string {
  const { request, req, reply } = platform
  const { host, ':authority': asked, 'x-forwarded-host': forwarded } = req.headers as NodeJS.Dict<string>
  if (asked !== undefined && host !== undefined && asked !== host) return NEITHER
  if (forwarded === undefined) return host ?? asked ?? ''
  if (reply !== undefined) return request.host ?? ''
  return isProxyTrusted(platform) ? (forwarded.split(',', 1)[0] ?? '').trimEnd() : (host ?? '')
}

const schemeOf = ({ socket }: IncomingMessage): string => ((socket as TLSSocket).encrypted ? 'https' : 'http')

/** What routes are chosen by, where something in front has changed it. Mounting adds a slash where there is no path. */
function rewrittenOf({ request, req, reply }: Platform): string | undefined {
  const { originalUrl, baseUrl = '' } = request
  const { url = '' } = req
  const now = reply === undefined && baseUrl !== '' ? baseUrl + url : url
  if (originalUrl === undefined || now === originalUrl) return undefined
  return url.startsWith('/') && baseUrl + url.slice(1) === originalUrl ? undefined : now
}

/** What an interceptor knows of a request beside itself. */
interface Asked {
  /** What makes the key in the place of the URI. */
  readonly target?: string | undefined
  readonly selection?: Selection | undefined
}

/** A class, because a literal with an accessor has a shape of its own each time, which nothing is fast with. */
class PlatformIncoming implements Incoming {
  readonly method: string
  readonly authority: string
  readonly target: string
  readonly rewritten: string | undefined
  readonly selection: Selection | undefined
  readonly #platform: Platform
  readonly #headers: IncomingHttpHeaders

  constructor(platform: Platform, { target, selection }: Asked) {
    const { request, req } = platform
    this.method = req.method ?? ''
    this.authority = authorityOf(platform)
    this.target = target ?? request.originalUrl ?? req.url ?? ''
    this.rewritten = target === undefined ? rewrittenOf(platform) : undefined
    this.selection = selection
    this.#platform = platform
    this.#headers = req.headers
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
export const incomingOf = (platform: Platform, asked: Asked = {}): Incoming => new PlatformIncoming(platform, asked)
