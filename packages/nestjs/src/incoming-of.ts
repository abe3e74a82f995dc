import type { Incoming, Selection } from '@shelflife/http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

import { asMade, readHeader } from '@shelflife/node-http'

import { authorityOf } from './authority-of.ts'
import { leftInFront } from './left-in-front.ts'
import type { Platform } from './platform.ts'

const schemeOf = ({ socket }: IncomingMessage): string => ((socket as TLSSocket).encrypted ? 'https' : 'http')

/** What was asked for, unless something in front has put something else in its place. */
export const targetOf = ({ request: { originalUrl }, req: { url = '' } }: Platform): string =>
  typeof originalUrl === 'string' ? originalUrl : url

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
  readonly left: Incoming['left']
  readonly selection: Selection | undefined
  readonly #platform: Platform
  readonly #headers: IncomingHttpHeaders

  constructor(platform: Platform, { target, selection }: Asked) {
    const { req } = platform
    this.method = req.method ?? ''
    this.authority = authorityOf(platform)
    this.target = target ?? targetOf(platform)
    this.rewritten = target === undefined ? rewrittenOf(platform) : undefined
    this.left = leftInFront(platform)
    this.selection = selection
    this.#platform = platform
    this.#headers = req.headers
  }

  get scheme(): string {
    const { request, req, reply } = this.#platform
    const { protocol } = reply === undefined ? asMade(request) : request
    return protocol ?? schemeOf(req)
  }

  header(name: string): string | undefined {
    return readHeader(this.#headers, name)
  }
}

/** The request as the cache sees it, whatever is hidden from the handler meanwhile. */
export const incomingOf = (platform: Platform, asked: Asked = {}): Incoming => new PlatformIncoming(platform, asked)
