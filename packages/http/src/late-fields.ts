import { parseCacheControl } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { varyOf } from './vary.ts'

const CONTROL = /(?:^|-)cache-control$/i

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
