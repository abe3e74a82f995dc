import { parseList } from 'structured-headers'

import type { HeaderList } from './header-list.ts'
import { valueOf } from './header-list.ts'

// RFC 9875 §2 only sets what must be possible at least
const MOST_GROUPS = 128
const LONGEST_GROUP = 128

/** The strings of a list; none if it is no list or one of them is no string (RFC 9651 §4.2: the field is ignored). */
function stringsOf(value: string | undefined): readonly string[] {
  try {
    const members = parseList(value ?? '').map(([member]) => member)
    return members.every((member) => typeof member === 'string') ? members : []
  } catch {
    return []
  }
}

/** Each group once; the first 128, and none of more than 128 characters. */
const groupsOf = (value: string | undefined): readonly string[] =>
  [...new Set(stringsOf(value))].filter((group) => group.length <= LONGEST_GROUP).slice(0, MOST_GROUPS)

/**
 * The groups that a response belongs to, within its origin (RFC 9875 §2).
 *
 * @example cacheGroups([['Cache-Groups', '"catalog", "prices"']]) // ['catalog', 'prices']
 */
export const cacheGroups = (headers: HeaderList): readonly string[] => groupsOf(valueOf(headers, 'cache-groups'))

/**
 * The groups that the answer to an unsafe method invalidates, within its origin (RFC 9875 §3). Whether the method was
 * unsafe and the answer no error is for the caller to see.
 */
export const cacheGroupInvalidation = (headers: HeaderList): readonly string[] =>
  groupsOf(valueOf(headers, 'cache-group-invalidation'))
