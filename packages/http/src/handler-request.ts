import type { Call } from './call.ts'
import type { HandlerRun } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import { valueOf } from './header-list.ts'
import type { StoredResponse } from './stored-response.ts'

/** What would make the handler answer one client instead of giving the whole response. */
const OF_THE_CLIENT = ['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']

const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie']

/** The validators that the handler gave with what is stored (RFC 9111 §4.3.1). */
function validatorsOf(previous: StoredResponse | undefined): HeaderList {
  if (previous === undefined) return []
  const { headers, added } = previous
  // the handler does not know one that is ours
  const etag = added.includes('etag') ? undefined : valueOf(headers, 'etag')
  const lastModified = valueOf(headers, 'last-modified')
  const validators: [string, string][] = []
  if (etag !== undefined) validators.push(['if-none-match', etag])
  if (lastModified !== undefined) validators.push(['if-modified-since', lastModified])
  return validators
}

/** The cookies that are part of the key, as they were sent. */
const keptCookies = (header: string | undefined, names: readonly string[]): string =>
  (header ?? '')
    .split(';')
    .filter((pair) => names.includes(pair.slice(0, Math.max(0, pair.indexOf('='))).trim()))
    .map((pair) => pair.trim())
    .join('; ')

/**
 * How the handler sees the request when its response may be stored: without what only this client asks, and in the
 * background without anything that says who the client is.
 */
export function handlerRequest(
  { route, exchange }: Call,
  isRefresh: boolean,
  previous: StoredResponse | undefined,
): Pick<HandlerRun, 'hidden' | 'replaced'> {
  const replaced = [...validatorsOf(previous)]
  const declared = keptCookies(exchange.incoming.header('cookie'), route.cookies ?? [])
  if (declared !== '') replaced.push(['cookie', declared])
  // what is part of the key is no secret of one client among those that share the response
  const secrets = isRefresh ? CREDENTIALS.filter((name) => !route.headers.includes(name)) : []
  const undeclared = route.cookies === undefined ? [] : ['cookie']
  return { hidden: [...OF_THE_CLIENT, ...secrets, ...undeclared], replaced }
}
