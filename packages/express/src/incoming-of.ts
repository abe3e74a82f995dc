import type { Incoming } from '@shelflife/http'
import { asMade, readHeader } from '@shelflife/node-http'
import type { Request, Response } from 'express'
import type { IncomingHttpHeaders } from 'node:http'

import { leftInFront } from './in-front.ts'

/** Whether what the client says to be forwarded counts. */
export function isProxyTrusted(req: Request): boolean {
  const { app, socket } = asMade(req)
  const isTrusted = app.get('trust proxy fn') as ((address: string | undefined, hop: number) => boolean) | undefined
  return isTrusted?.(socket.remoteAddress, 0) ?? false
}

/** The host that Express works out, with its port, which Express 4 does not tell. */
function authorityOf(req: Request): string {
  const { headers } = req
  const forwarded = headers['x-forwarded-host']
  if (typeof forwarded !== 'string' || forwarded === '' || !isProxyTrusted(req)) return headers.host ?? ''
  const comma = forwarded.indexOf(',')
  return comma === -1 ? forwarded : forwarded.slice(0, comma).trimEnd()
}

/** What routes are chosen by, where something in front has changed it. Mounting adds a slash where there is no path. */
function rewrittenOf({ baseUrl, url, originalUrl }: Request): string | undefined {
  const now = baseUrl === '' ? url : baseUrl + url
  if (now === originalUrl) return undefined
  return url.startsWith('/') && baseUrl + url.slice(1) === originalUrl ? undefined : now
}

/**
 * An Express request as the cache sees it, whatever becomes of `req.headers` meanwhile. A class, because a literal with an
 * accessor has a shape of its own each time: hits took half as long again.
 */
class ExpressIncoming implements Incoming {
  readonly method: string
  readonly authority: string
  readonly target: string
  readonly rewritten: string | undefined
  readonly left: Incoming['left']
  readonly #req: Request
  readonly #headers: IncomingHttpHeaders

  constructor(req: Request, res: Response) {
    this.method = req.method
    this.authority = authorityOf(req)
    this.target = typeof req.originalUrl === 'string' ? req.originalUrl : req.url
    this.rewritten = rewrittenOf(req)
    this.left = leftInFront(req, res)
    this.#req = req
    this.#headers = req.headers
  }

  get scheme(): string {
    return asMade(this.#req).protocol
  }

  header(name: string): string | undefined {
    return readHeader(this.#headers, name)
  }
}

export const incomingOf = (req: Request, res: Response): Incoming => new ExpressIncoming(req, res)
