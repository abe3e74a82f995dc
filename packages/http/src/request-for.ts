import type { HandlerRun } from './exchange.ts'

interface Notes {
  /** One was read, or looked for. */
  readonly one: (name: string) => void
  /** Whoever goes through all of them goes by those that are not there, too. */
  readonly all: () => void
}

/** Headers that tell which of them are read. */
class WatchedHeaders extends Headers {
  readonly #notes: Notes

  constructor(headers: Headers, notes: Notes) {
    super(headers)
    this.#notes = notes
  }

  override get(name: string): string | null {
    this.#notes.one(name.toLowerCase())
    return super.get(name)
  }

  override has(name: string): boolean {
    this.#notes.one(name.toLowerCase())
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
    for (const name of super.keys()) this.#notes.one(name)
    this.#notes.all()
  }
}

/** A request, or a copy of one, with headers that tell which of them are read. */
function watched(request: Request, headers: Headers, notes: Notes): Request {
  // own and not inherited: what the runtime itself makes of the request gets its plain headers
  return Object.defineProperties(request, {
    headers: { value: new WatchedHeaders(headers, notes) },
    clone: { value: () => watched(Request.prototype.clone.call(request), headers, notes) },
  })
}

/** What a request is made of: one of a client, or only what one for nobody takes from it. */
type Asked = Pick<Request, 'url' | 'method' | 'headers'> & Partial<Pick<Request, 'signal' | 'redirect'>>

/** Names that every request has. `cf` of Workers is about the client. */
const isUsual = (name: string): boolean => name in Request.prototype && name !== 'cf'

/** What a runtime, a class of its own or something in front has left on a request. */
function leftOn(request: Asked): ReadonlySet<string> {
  const names = new Set<string>()
  for (
    let at = request as object | null;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as never
  )
    for (const name of Object.getOwnPropertyNames(at)) if (!isUsual(name)) names.add(name)
  return names
}

/** The handler finds it there, and reading it is told; what it sets itself is its own. */
function passOn(name: string, request: Asked, note: () => void): PropertyDescriptor {
  return {
    get() {
      note()
      return Reflect.get(request, name, request) as unknown
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
    },
    enumerable: true,
    configurable: true,
  }
}

/** Asked for only where the handler does: what it fetches may be of use to others after its client has gone. */
function signalOf(request: Asked, { signalFor }: HandlerRun): PropertyDescriptor {
  let signal: AbortSignal | undefined
  return {
    get() {
      signal ??= signalFor === undefined ? request.signal : signalFor(request.signal)
      return signal
    },
  }
}

/**
 * The request as the handler is to see it.
 *
 * @param path under which the handler finds it
 * @example const response = await handler(requestFor(request, how))
 */
export function requestFor(request: Asked, how: HandlerRun, path = 'request'): Request {
  const { isShared, isHidden, mayCopy, replaced, noteRead, noteInput } = how
  if (!isShared) return request as Request
  const { url, method, redirect } = request
  // of its parts: a server may have a class of its own, which `Request` does not take
  const shown = new Headers([...request.headers].filter(([name]) => !isHidden(name)))
  for (const [name, value] of replaced) shown.set(name, value)
  const anew = new Set(replaced.map(([name]) => name))
  const copied = mayCopy === undefined ? [...shown] : [...shown].filter(([name]) => anew.has(name) || mayCopy(name))
  const seen = new Request(url, { method, headers: copied, ...(redirect !== undefined && { redirect }) })
  if ('signal' in request || how.signalFor !== undefined) Object.defineProperty(seen, 'signal', signalOf(request, how))
  // some keep a target as it was received
  if (seen.url !== url) Object.defineProperty(seen, 'url', { value: url })
  for (const name of leftOn(request))
    Object.defineProperty(
      seen,
      name,
      passOn(name, request, () => noteInput?.(`${path}.${name}`)),
    )
  if (noteRead === undefined) return seen
  return watched(seen, shown, { one: noteRead, all: () => noteInput?.(`${path}.headers`) })
}
