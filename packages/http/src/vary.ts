import type { HeaderList } from './header-list.ts'
import { isToken, linesOf, namesIn, trimOws } from './header-list.ts'

const MOST_CHARACTERS = 2048

/**
 * The headers that select a response, in lower case, sorted, each once; `*` for `Vary: *`, which nothing matches, and
 * for what is not a list of names (RFC 9110 §12.5.5).
 *
 * @example varyOf([['Vary', 'Origin, Accept'], ['Vary', 'accept']]) // ['accept', 'origin']
 */
export function varyOf(headers: HeaderList): readonly string[] | '*' {
  const names = namesIn(linesOf(headers, 'vary'))
  if (names.some((name) => name === '*' || !isToken(name))) return '*'
  return [...new Set(names)].sort()
}

/** A weight without what means nothing: `q=1.0` is none, `q=0.50` is `q=0.5` (RFC 9110 §12.4.2). */
function parameter(text: string): readonly string[] {
  const weight = /^[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*$/i.exec(text)?.[1]
  if (weight === undefined) return [trimOws(text)]
  return Number(weight) === 1 ? [] : [`q=${Number(weight)}`]
}

function preference(member: string): readonly string[] {
  const [range = '', ...parameters] = member.toLowerCase().split(';')
  const name = trimOws(range)
  return name === '' && parameters.length === 0 ? [] : [[name, ...parameters.flatMap(parameter)].join(';')]
}

/** Content codings that are registered (RFC 9110 §16.6.1). */
const CODINGS: ReadonlySet<string> = new Set([
  'aes128gcm',
  'br',
  'compress',
  'dcb',
  'dcz',
  'deflate',
  'exi',
  'gzip',
  'identity',
  'pack200-gzip',
  'x-compress',
  'x-gzip',
  'zstd',
])

/** Whether a body is encoded by what variants are told apart by. */
export const areCodings = (lines: readonly string[]): boolean => namesIn(lines).every((name) => CODINGS.has(name))

/** Behind the name of a header of which all counts, also what `selectingValue` leaves out. */
const WHOLE = '/whole'

/** The same names, where a body is encoded as nobody has registered: then each value that clients send is a variant. */
export const byWhole = (names: readonly string[]): readonly string[] =>
  names.map((name) => (name === 'accept-encoding' ? `${name}${WHOLE}` : name))

/** The header that a name stands for. */
export const fieldOf = (name: string): string => (name.endsWith(WHOLE) ? name.slice(0, -WHOLE.length) : name)

/** Whether a preference is about a coding that responses come in. */
function isCoding(preference: string): boolean {
  const [name = ''] = preference.split(';', 1)
  return name === '*' || CODINGS.has(name)
}

/** Without differences that no list has (RFC 9110 §5.6.1); what has quotes may mean its spaces. */
const plain = (value: string): string =>
  value.includes('"') || !value.includes(',') ? trimOws(value) : value.split(',').map(trimOws).join(',')

/**
 * A header as it is compared, without differences that its specification gives no meaning (RFC 9111 §4.1). Languages
 * stay in order: with equal weights, servers take the first for the preferred one (RFC 9110 §12.5.4).
 *
 * @param name in lower case
 * @example selectingValue('accept-encoding', 'GZIP;q=1.0,br, x-mine') // 'br,gzip'
 */
export function selectingValue(name: string, value: string): string {
  if (name !== 'accept-encoding' && name !== 'accept-language') return plain(value)
  const preferences = [...new Set(value.split(',').flatMap(preference))]
  return name === 'accept-encoding' ? preferences.filter(isCoding).sort().join() : preferences.join()
}

/**
 * What tells the variants of a response apart: equal for two requests exactly if their selecting headers match
 * (RFC 9111 §4.1). An absent header only matches an absent one.
 *
 * @param names of the selecting headers, in lower case, as `varyOf` gives them
 * @returns `undefined` if the values are longer than 2048 characters together; then nothing should be stored
 * @example variantOf(['accept-language', 'origin'], (name) => sent[name]) // 'accept-language="de",origin'
 */
export function variantOf(names: readonly string[], header: (name: string) => string | undefined): string | undefined {
  let variant = ''
  for (const name of names) {
    const value = header(fieldOf(name))
    if (value !== undefined && value.length > MOST_CHARACTERS) return undefined
    // Neither `=` nor `,` can be in a name, and nothing in the quotes ends them.
    variant += `${variant && ','}${name}${value === undefined ? '' : `=${JSON.stringify(selectingValue(name, value))}`}`
    if (variant.length > MOST_CHARACTERS) return undefined
  }
  return variant
}
