import type { HeaderList } from './header-list.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'
import { isPlainRequest } from './plain-request.ts'

/** What is known of a request beside itself. */
interface Known extends Pick<Incoming, 'left' | 'rewritten' | 'selection'> {
  /**
   * Its headers by their names in lower case, where they are at hand as they are now: they tell sooner what is not
   * there.
   */
  readonly received?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A `Request` as the cache sees it.
 *
 * @example route.plan(incomingOf(request), request)
 */
export function incomingOf(request: Request, { received, left, rewritten, selection }: Known = {}): Incoming {
  const { url, method } = request
  const afterScheme = url.indexOf('//') + 2
  const slash = url.indexOf('/', afterScheme)
  const authority = url.slice(afterScheme, slash)
  const host = received === undefined ? request.headers.get('host') : received['host']
  // a handler may go by either: the URL is made of the target or of a normalised host
  const isAmbiguous = typeof host === 'string' && host !== authority
  return {
    method,
    isPlain: received !== undefined && !isAmbiguous && isPlainRequest(method, received),
    isAmbiguous,
    scheme: url.slice(0, afterScheme - 3),
    authority,
    // a fragment has no business here, but where one was sent the handler sees it
    target: url.slice(slash),
    rewritten,
    left,
    selection,
    header: (name) =>
      received !== undefined && received[name] === undefined ? undefined : (request.headers.get(name) ?? undefined),
  }
}

const headersIn = (headers: Headers): HeaderList => [...headers]

/** A `Response` as the cache sees it. `Headers` join the lines of all fields but `Set-Cookie`. */
export const outgoingOf = ({ status, headers, body }: Response): Outgoing => ({
  status,
  headers: headersIn(headers),
  body,
})

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** What the cache answers as a `Response`. */
export function responseOf({ status, headers, body }: Outgoing): Response {
  const content = WITHOUT_BODY.has(status)
    ? null
    : (body as ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null)
  return new Response(content, { status, headers: headers as [string, string][] })
}
