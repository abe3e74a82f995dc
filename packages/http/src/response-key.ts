import type { Incoming, Left } from './incoming.ts'
import { selectingValue } from './vary.ts'

/** Which parameters of the query tell responses apart. Names are compared decoded, in their own case. */
export interface QueryOptions {
  /**
   * The only parameters that count, with what is nested in them (`page`, `page[from]`, `page.from`). `[]`: none. Default:
   * all of them. What the handler reads beside them must not change its response.
   */
  readonly allow?: readonly string[] | undefined
  /** Parameters that do not count, such as those of campaigns. Default: none. */
  readonly ignore?: readonly string[] | undefined
  /** Whether the order of parameters does not count; that of several of one name does. Default false. */
  readonly sort?: boolean | undefined
}

/** What tells the responses of one route apart. */
export interface KeyOptions {
  readonly query?: QueryOptions | undefined
  /** Request headers that are part of the key, in any case. Default: none. */
  readonly headers?: readonly string[] | undefined
  /** Cookies that are part of the key. Default: none. */
  readonly cookies?: readonly string[] | undefined
  /** Whether it tells responses apart that something was left under a path in front of the cache. Default: never. */
  tellsApart?(path: string): boolean
}

const MOST_CHARACTERS = 8192

// Parsers stop at 1000. Behind that many which do not count, one that does would be in the key and not reach the handler.
const MOST_PARAMETERS = 500

const ORIGIN_FORM = /^\/[^\0-\x20#\x7f]*$/
const AUTHORITY = /^[!-~]*$/

/** The name of a raw `name=value`, decoded as `URLSearchParams` does. */
function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  const raw = equals === -1 ? pair : pair.slice(0, equals)
  if (!/[%+]/.test(raw)) return raw
  // The `&` keeps a leading `?` from being dropped.
  const [name] = new URLSearchParams(`&${raw}`).keys()
  return name ?? ''
}

/** The outermost name of a nested one, as parsers of nested queries see it: `page[from]`, `[page]`, `page.from`. */
const rootOf = (name: string): string => name.split(/[[\].]/).find((step) => step !== '') ?? ''

const byRoot = (a: { readonly root: string }, b: { readonly root: string }): number =>
  a.root < b.root ? -1 : a.root > b.root ? 1 : 0

/**
 * What counts of a query with its question mark: as it was received, unless something is declared not to count.
 *
 * @returns `undefined` for more parameters than a handler may see
 */
function counted(query: string, { allow, ignore = [], sort = false }: QueryOptions): string | undefined {
  if (allow === undefined && ignore.length === 0 && !sort) return query
  const received = query.slice(1).split('&')
  if (received.length > MOST_PARAMETERS) return undefined
  const pairs = received.flatMap((raw) => {
    if (raw === '') return []
    const name = nameOf(raw)
    const root = rootOf(name)
    const isAllowed = allow === undefined || allow.includes(name) || allow.includes(root)
    return isAllowed && !ignore.includes(name) ? { root, raw } : []
  })
  if (sort) pairs.sort(byRoot)
  return pairs.length === 0 ? '' : `?${pairs.map(({ raw }) => raw).join('&')}`
}

/**
 * The value of a cookie; several of one name joined with `;`, which is in none. `trim()`, as parsers of cookies do, so that
 * no name reaches the handler that is not seen here.
 */
function cookie(pairs: readonly string[], name: string): string | undefined {
  const values = pairs.flatMap((pair) => {
    const equals = pair.indexOf('=')
    return equals !== -1 && pair.slice(0, equals).trim() === name ? pair.slice(equals + 1).trim() : []
  })
  return values.length === 0 ? undefined : values.join(';')
}

type Part = readonly [kind: 'header' | 'cookie', name: string, value: string | undefined]

function declared(incoming: Pick<Incoming, 'header'>, { headers = [], cookies = [] }: KeyOptions): readonly Part[] {
  const sent = cookies.length === 0 ? [] : (incoming.header('cookie') ?? '').split(';')
  return [
    ...headers.map((any): Part => {
      const name = any.toLowerCase()
      const value = incoming.header(name)
      return ['header', name, value === undefined ? undefined : selectingValue(name, value)]
    }),
    ...cookies.map((name): Part => ['cookie', name, cookie(sent, name)]),
  ]
}

type Chosen = Pick<Incoming, 'rewritten' | 'selection' | 'left'>

const NOTHING: readonly Left[] = []

const lengthOf = (left: readonly Left[]): number => left.reduce((sum, { length }) => sum + length, 0)

/**
 * What is there for this client and perhaps not for another.
 *
 * @returns `undefined` for more than 8192 characters: whoever stands in front may take names from what clients send
 */
export function leftFor({ left }: Chosen, { tellsApart }: KeyOptions): readonly Left[] | undefined {
  if (left === undefined || tellsApart === undefined) return NOTHING
  return lengthOf(left) > MOST_CHARACTERS
    ? undefined
    : left.filter((one) => tellsApart(typeof one === 'string' ? one : one[0]))
}

/** What decides beside the URI what the handler does. */
function ofHandler({ rewritten, selection }: Chosen, left: readonly Left[]): readonly unknown[] {
  return [
    ...(rewritten === undefined ? [] : [['rewritten', rewritten]]),
    ...(selection === undefined ? [] : [['handler', selection.id]]),
    ...(left.length === 0 ? [] : [['left', ...left]]),
  ]
}

/** Whether something beside the URI, headers and cookies decides what the handler does. */
export const isChosen = (incoming: Chosen, options: KeyOptions): boolean =>
  ofHandler(incoming, leftFor(incoming, options) ?? NOTHING).length > 0

/** What of a request decides its key. */
export type ToKey = Pick<Incoming, 'scheme' | 'authority' | 'target' | 'header'> & Chosen

/**
 * What tells this request from others of its route: scheme, authority, path and query as they were received, because that
 * is how the handler sees them, then the declared headers and cookies, and what chose the handler or was left for it. The
 * parts become a key in core, where no part can be taken for another.
 *
 * @returns `undefined` for a target that is not a path (RFC 9112 §3.2.1), holds characters that no target has or is
 *   longer than 8192 characters with the authority, for more than as much that was left in front, or a query of more
 *   than 500 parameters of which not all count; then the request is not looked up
 * @example responseKey(incoming, { query: { ignore: ['utm_source'] } }) // ['https', 'example.com', '/a', '?page=2']
 */
export function responseKey(incoming: ToKey, options: KeyOptions): readonly unknown[] | undefined {
  const { target, authority } = incoming
  if (target.length + authority.length > MOST_CHARACTERS) return undefined
  if (!ORIGIN_FORM.test(target) || !AUTHORITY.test(authority)) return undefined
  const scheme = incoming.scheme.toLowerCase()
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : counted(target.slice(mark), options.query ?? {})
  const left = leftFor(incoming, options)
  if (query === undefined || left === undefined) return undefined
  return [scheme, authority, path, query, ...declared(incoming, options), ...ofHandler(incoming, left)]
}
