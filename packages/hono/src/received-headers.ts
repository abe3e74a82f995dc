type Received = Readonly<Record<string, unknown>>

/** A request as servers hand it over, with what they keep in it. */
type Kept = Request & Record<symbol, unknown>

/** Where a server for Node keeps what its requests are made of. */
interface Places {
  /** `headers` from the moment on when somebody first asks for it; nothing before. */
  readonly headers: symbol
  /** The message of Node. */
  readonly message: symbol
}

type Message = { readonly headers: Received; readonly rawHeaders: readonly string[] } | undefined

/** By the prototype of requests; `undefined` where there is nothing of the kind. */
const known = new WeakMap<object, Places | undefined>()

type Builtins = { getBuiltinModule?(id: 'node:util'): { types: { isProxy(value: unknown): boolean } } | undefined }
const { process: host } = globalThis as { process?: Builtins }
const isProxy = host?.getBuiltinModule?.('node:util')?.types.isProxy ?? ((): boolean => false)

function placesIn(request: Kept): Places | undefined {
  const given = request.headers
  const symbols = Object.getOwnPropertySymbols(request)
  const headers = symbols.find((symbol) => request[symbol] === given)
  const message = symbols.find((symbol) => Array.isArray((request[symbol] as Message)?.rawHeaders))
  return headers && message && { headers, message }
}

/** Of several lines Node takes the first, and `headers` has all of them. */
function namesTwoHosts(raw: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}

/**
 * The headers of a request by their names in lower case, as they were received, where it is certain that they are still
 * the same: @hono/node-server made the request, and nobody has been given its `headers` so far. That spares a hit a dozen
 * questions, which take a tenth of its time.
 */
export function receivedHeaders(request: Request): Received | undefined {
  const kept = request as Kept
  const prototype = Object.getPrototypeOf(request) as object
  const places = known.get(prototype)
  if (places === undefined) {
    if (!known.has(prototype)) known.set(prototype, placesIn(kept))
    return undefined
  }
  if (kept[places.headers] !== undefined || Object.hasOwn(request, 'headers') || isProxy(request)) return undefined
  const message = kept[places.message] as Message
  return message === undefined || namesTwoHosts(message.rawHeaders) ? undefined : message.headers
}
