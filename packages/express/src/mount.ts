import { checkNames, optionNames, refuseOption } from '@shelflife/core/integration'
import type { Request as ExpressRequest, RequestHandler, Response as ExpressResponse } from 'express'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

import { requestBody } from '@shelflife/node-http'

/** A handler on web standards, such as `cacheAdmin` of `@shelflife/http` makes. */
export type WebHandler = (request: Request) => Response | Promise<Response>

export interface MountOptions {
  /** A request with a body of more bytes is refused. A whole number from 0. Default 1 MiB. */
  readonly maxBodySize?: number
}

const OPTIONS = optionNames<MountOptions>({ maxBodySize: true })

const tooLarge = (): Error => Object.assign(new Error('The body of the request is too large'), { status: 413 })

/** What a parser in front has made of the body. */
function parsedBody({ body }: ExpressRequest): BodyInit | null {
  const parsed: unknown = body
  if (parsed === undefined) return null
  return typeof parsed === 'string' || parsed instanceof Uint8Array ? (parsed as BodyInit) : JSON.stringify(parsed)
}

const isBodiless = ({ method }: ExpressRequest): boolean => method === 'GET' || method === 'HEAD'

function requestOf(req: ExpressRequest, body: BodyInit | null): Request {
  const headers = new Headers()
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    headers.append(req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? '')
  }
  const url = `${req.protocol}://${req.headers.host ?? 'localhost'}${req.originalUrl}`
  const init = { method: req.method, headers, body, duplex: 'half' }
  return new Request(url, init as RequestInit)
}

async function write(res: ExpressResponse, { status, headers, body }: Response): Promise<void> {
  res.status(status)
  for (const [name, value] of headers) {
    if (name === 'set-cookie') res.append(name, value)
    else res.setHeader(name, value)
  }
  if (body === null) return void res.end()
  await pipeline(Readable.fromWeb(body as NodeReadableStream<Uint8Array>), res)
}

/**
 * Puts a handler on web standards into an Express application.
 *
 * @throws ShelflifeError `invalid-option`
 * @example app.use('/cache', mount(cacheAdmin({ cache, authorize })))
 */
export function mount(handler: WebHandler, options: MountOptions = {}): RequestHandler {
  if (typeof handler !== 'function') refuseOption('handler', 'a function', handler)
  checkNames('options of mount()', options, OPTIONS)
  const { maxBodySize = 2 ** 20 } = options
  const isSize = Number.isSafeInteger(maxBodySize) && maxBodySize >= 0
  if (!isSize) refuseOption('maxBodySize', 'a whole number from 0', maxBodySize)

  async function answer(req: ExpressRequest, res: ExpressResponse): Promise<void> {
    if (Number(req.headers['content-length'] ?? 0) > maxBodySize) throw tooLarge()
    if (isBodiless(req)) return write(res, await handler(requestOf(req, null)))
    if (req.readableEnded) return write(res, await handler(requestOf(req, parsedBody(req))))
    const { stream, release } = requestBody(req, { most: maxBodySize, tooLarge })
    try {
      await write(res, await handler(requestOf(req, stream)))
    } finally {
      release()
    }
  }
  return (req, res, next) => {
    // what broke off while it was sent has no other answer
    answer(req, res).catch((error: unknown) => (res.headersSent ? res.destroy() : next(error)))
  }
}
