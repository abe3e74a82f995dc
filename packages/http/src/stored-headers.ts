import type { CacheControl } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { isToken, linesOf, namesIn, valueOf } from './header-list.ts'
import { varyOf } from './vary.ts'

// RFC 9111 §3.1, RFC 9110 §7.6.1: they speak of one connection or of one proxy
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** No control characters but the tab, and nothing that does not fit in a byte (RFC 9110 §5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Whether all fields can be in a message: names that are tokens, values without control characters. */
export const areSendable = (headers: HeaderList): boolean =>
  headers.every(([name, value]) => isToken(name) && VALUE.test(value))

/**
 * The fields of a response that are kept, with their order and their multiples. Left out are those of one connection,
 * those that `Connection` names, and those that `no-cache="…"` or `private="…"` names (RFC 9111 §3.1, §5.2.2).
 * Whether the response may be stored at all, and `Set-Cookie`, are decided elsewhere.
 *
 * @returns `undefined` if a name or a value cannot be in a message; then nothing must be stored
 */
export function storable(headers: HeaderList, control: CacheControl): HeaderList | undefined {
  if (!areSendable(headers)) return undefined
  const dropped = new Set([
    ...HOP_BY_HOP,
    ...namesIn(linesOf(headers, 'connection')),
    ...(control.fields('no-cache') ?? []),
    ...(control.fields('private') ?? []),
  ])
  return headers.filter(([name]) => !dropped.has(name.toLowerCase()))
}

/** Whether a field is `Vary`. */
export const isVary = ([name]: HeaderList[number]): boolean => name.toLowerCase() === 'vary'

/**
 * Whether a field is `Vary: *`.
 *
 * @example isStar(['Vary', '*']) // true
 */
export const isStar = (field: HeaderList[number]): boolean => field[1] === '*' && isVary(field)

/**
 * The same fields, with one line of `Vary` for all that they and these names name, or `*` alone where that is one of them:
 * of several lines nginx heeds the last one and Apache Traffic Server the first, and `*` beside others neither nginx nor Varnish.
 *
 * @param names `*` is everything
 */
export function withVary(headers: HeaderList, names: readonly string[] | '*'): HeaderList {
  const vary = varyOf(headers)
  const lines = linesOf(headers, 'vary')
  const isAny = vary === '*' || names === '*' || names.includes('*')
  const missing = isAny ? [] : [...new Set(names)].filter((name) => !vary.includes(name.toLowerCase()))
  const line = isAny ? '*' : [...lines.filter((one) => one !== ''), ...missing].join(', ')
  const isSo = lines.length === 0 ? line === '' : lines.length === 1 && lines[0] === line
  return isSo ? headers : [...headers.filter((field) => !isVary(field)), ['Vary', line]]
}

/**
 * The same fields, with `Vary: Accept-Encoding` where the body is encoded and `Vary` does not say so: an encoded body
 * must not reach a client that did not ask for it (RFC 9110 §12.5.5).
 */
export const withEncodingVary = (headers: HeaderList): HeaderList =>
  valueOf(headers, 'content-encoding') ? withVary(headers, ['Accept-Encoding']) : headers
