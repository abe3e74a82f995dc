/** Header fields in the order received, names as received; a field that came in several lines is several pairs. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/

/** Whether text is a token (RFC 9110 §5.6.2): the form of field names, directives and methods. */
export const isToken = (text: string): boolean => TOKEN.test(text)

const isBlank = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  return code === 0x20 || code === 0x09
}

/**
 * Text without the spaces and tabs around it (OWS, RFC 9110 §5.6.3). `trim()` would take off more, and a regular
 * expression needs quadratic time for many spaces in a row.
 */
export function trimOws(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text, start)) start++
  while (end > start && isBlank(text, end - 1)) end--
  return text.slice(start, end)
}

/**
 * The values of a field, in order; none if it is absent.
 *
 * @param name in lower case
 * @example linesOf([['Set-Cookie', 'a=1'], ['set-cookie', 'b=2']], 'set-cookie') // ['a=1', 'b=2']
 */
export function linesOf(headers: HeaderList, name: string): readonly string[] {
  const lines: string[] = []
  for (const [received, value] of headers) {
    if (received.length === name.length && received.toLowerCase() === name) lines.push(value)
  }
  return lines
}

/**
 * The value of a field, several lines joined with `, ` (RFC 9110 §5.3); `undefined` if it is absent.
 *
 * @param name in lower case
 */
export function valueOf(headers: HeaderList, name: string): string | undefined {
  const lines = linesOf(headers, name)
  return lines.length > 1 ? lines.join(', ') : lines[0]
}

/**
 * The members of a comma-separated list of names, in lower case and as often as they are there (RFC 9110 §5.6.1: empty
 * ones do not count).
 *
 * @example namesIn(['Accept, , Origin']) // ['accept', 'origin']
 */
export const namesIn = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => line.split(',').map(trimOws)).flatMap((name) => (name === '' ? [] : name.toLowerCase()))
