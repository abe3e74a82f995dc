import type { Call } from './call.ts'
import type { HandlerRun } from './exchange.ts'
import { AS_IT_CAME } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import type { StoredResponse } from './stored-response.ts'
import { fieldOf } from './vary.ts'

/** What would make the handler answer one client instead of giving the whole response. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set([
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
])

/** What the connection and trusted proxies say of the URI: a request for nobody has it too. */
const OF_THE_URI: ReadonlySet<string> = new Set([
  'host',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
])

/** The cookies that are part of the key, as they were sent. */
const keptCookies = (header: string | undefined, names: readonly string[]): string =>
  (header ?? '')
    .split(';')
    .filter((pair) => names.includes(pair.slice(0, Math.max(0, pair.indexOf('='))).trim()))
    .map((pair) => pair.trim())
    .join('; ')

/** The header with what of them the handler may see, where they are declared. */
function declaredCookies({ route, exchange }: Call): HeaderList {
  const declared = keptCookies(exchange.incoming.header('cookie'), route.cookies ?? [])
  return declared === '' ? [] : [['cookie', declared]]
}

/** How the handler sees a request of which nothing is stored: as it came, but for cookies that its route keeps from it. */
export function passedRequest(call: Call): Omit<HandlerRun, 'decisions'> {
  const { cookies } = call.route
  if (cookies === undefined) return AS_IT_CAME
  // frameworks show what nobody shares as it came
  return {
    ...AS_IT_CAME,
    isShared: true,
    isHidden: (name) => name === 'cookie',
    replaced: declaredCookies(call),
    cookies,
  }
}

/**
 * How the handler sees the request when its response may be stored: without what only this client asks. In the background
 * it sees of the headers only those that select the response: all others are of whoever happened to ask.
 */
export function handlerRequest(
  call: Call,
  isRefresh: boolean,
  previous: StoredResponse | undefined,
  conditions: HeaderList,
): Pick<HandlerRun, 'isHidden' | 'mayCopy' | 'replaced' | 'cookies'> {
  const { route, exchange } = call
  const replaced = [...conditions, ...declaredCookies(call)]
  const { selection } = exchange.incoming
  // what nobody knows cannot be shown: then there is no refresh
  const chosenBy = selection === undefined || selection.by === '*' ? [] : selection.by
  const selecting = new Set([...route.headers, ...(previous?.vary ?? []).map(fieldOf), ...chosenBy])
  const isOfClient = (name: string): boolean =>
    isRefresh && !selecting.has(name) && !OF_THE_URI.has(name) && !name.startsWith(':')
  return {
    isHidden: (name) =>
      OF_THE_CLIENT.has(name) ||
      // there is no body, but validators of Hono ask for its type whatever they validate
      (name === 'content-type' && !selecting.has(name)) ||
      (name === 'cookie' && route.cookies !== undefined) ||
      isOfClient(name),
    // of what names the URI nothing but the host is part of each key
    mayCopy:
      route.inputs === 'strict'
        ? (name) => selecting.has(name) || route.unkeyed.has(name) || name === 'host'
        : undefined,
    replaced,
    cookies: isRefresh ? (route.cookies ?? []) : route.cookies,
  }
}
