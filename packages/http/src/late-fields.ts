import { parseCacheControl } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { varyOf } from './vary.ts'

const lineOf = ([name, value]: HeaderList[number]): string => `${name.toLowerCase()}: ${value}`

/** The fields of a head that was sent beyond those that it was given; of `Vary`, the names. */
export function addedTo(given: HeaderList, sent: HeaderList): HeaderList {
  const known = new Set(given.map(lineOf))
  const before = varyOf(given)
  const after = varyOf(sent)
  const added = after === '*' || before === '*' ? after : after.filter((name) => !before.includes(name))
  return [
    ...sent.filter((field) => field[0].toLowerCase() !== 'vary' && !known.has(lineOf(field))),
    ...(before === '*' || added.length === 0 ? [] : [['Vary', [added].flat().join(', ')] as const]),
  ]
}

/** In the place of what was added to a head that nobody saw go out. */
export const UNKNOWN_ADDITIONS: HeaderList = [['Cache-Control', 'no-store']]

const CONTROL = /(?:^|-)cache-control$/i

/** What a stored response says of copies, none of which may stand beside `private` or `no-store`. */
const ABOUT_COPIES = /(?:^|-)cache-control$|^(?:expires|pragma|surrogate-control)$/i

/**
 * The fields of a stored response beside the `Cache-Control` that something in front has set for this answer: where that
 * is `private` or `no-store`, it goes before all that is stored about copies.
 *
 * @example besideControl('no-store', [['Cache-Control', 'max-age=60'], ['ETag', '"1"']]) // [['ETag', '"1"'], ['Cache-Control', 'no-store']]
 */
export function besideControl(control: string | undefined, headers: HeaderList): HeaderList {
  if (control === undefined || !isForOne([['Cache-Control', control]])) return headers
  return [...headers.filter(([name]) => !ABOUT_COPIES.test(name)), ['Cache-Control', control]]
}

/**
 * Whether fields that were added to a head at the last moment say that the answer is for one client: a cookie, `private`,
 * `no-store`, or a `Vary` that no entry can follow.
 *
 * @example isForOne([['Set-Cookie', 'sid=1']]) // true
 */
export function isForOne(added: HeaderList): boolean {
  if (linesOf(added, 'set-cookie').length > 0) return true
  const vary = varyOf(added)
  if (vary === '*' || vary.includes('cookie') || vary.includes('authorization')) return true
  return added.some(([name, value]) => {
    if (!CONTROL.test(name)) return false
    const control = parseCacheControl([value])
    return control.has('private') || control.has('no-store')
  })
}
