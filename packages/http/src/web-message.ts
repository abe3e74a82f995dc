import type { HandlerRun } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'
import { isPlainRequest } from './plain-request.ts'

/**
 * A `Request` as the cache sees it.
 *
 * @param received its headers by their names in lower case, where they are at hand as they are now: they tell sooner what
 *   is not there
 * @example route.plan(incomingOf(request), request)
 */
export function incomingOf(request: Request, received?: Readonly<Record<string, unknown>>): Incoming {
  const { url, method } = request
  const afterScheme = url.indexOf('//') + 2
  const slash = url.indexOf('/', afterScheme)
  return {
    method,
    isPlain: received !== undefined && isPlainRequest(method, received),
    scheme: url.slice(0, afterScheme - 3),
    authority: url.slice(afterScheme, slash),
    // a fragment has no business here, but where one was sent the handler sees it
    target: url.slice(slash),
    header: (name) =>
      received !== undefined && received[name] === undefined ? undefined : (request.headers.get(name) ?? undefined),
  }
}

/** Headers that tell which of them are read. */
class WatchedHeaders extends Headers {
  readonly #note: (name: string) => void

  constructor(headers: Headers, note: (name: string) => void) {
    super(headers)
    this.#note = note
  }

  override get(name: string): string | null {
    this.#note(name.toLowerCase())
    return super.get(name)
  }

  override has(name: string): boolean {
    this.#note(name.toLowerCase())
    return super.has(name)
  }

  // whoever goes through all of them reads all of them
  override forEach(visit: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    this.#noteAll()
    super.forEach(visit, self)
  }

  override keys(): HeadersIterator<string> {
    this.#noteAll()
    return super.keys()
  }

  override values(): HeadersIterator<string> {
    this.#noteAll()
    return super.values()
  }

  override entries(): HeadersIterator<[string, string]> {
    this.#noteAll()
    return super.entries()
  }

  override [Symbol.iterator](): HeadersIterator<[string, string]> {
    return this.entries()
  }

  #noteAll(): void {
    for (const name of super.keys()) this.#note(name)
  }
}

/**
 * The request as the handler is to see it.
 *
 * @example const response = await handler(requestFor(request, how))
 */
export function requestFor(request: Request, { isShared, isHidden, replaced, noteRead }: HandlerRun): Request {
  if (!isShared) return request
  const { url, method, signal, redirect } = request
  // of its parts: a server may have a class of its own, which `Request` does not take
  const shown = [...request.headers].filter(([name]) => !isHidden(name))
  const seen = new Request(url, { method, headers: shown, signal, redirect })
  for (const [name, value] of replaced) seen.headers.set(name, value)
  // own and not inherited: whoever copies the request gets plain headers
  if (noteRead) Object.defineProperty(seen, 'headers', { value: new WatchedHeaders(seen.headers, noteRead) })
  return seen
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
