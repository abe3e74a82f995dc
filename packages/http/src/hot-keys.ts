import type { Incoming } from './incoming.ts'

/** The keys of what one route answered from a copy in this process. */
export interface HotKeys {
  find(incoming: Incoming): string | undefined
  keep(incoming: Incoming, key: string): void
}

const MOST_KEYS = 1000
/** Longer ones are rare, and attackers choose them. */
const LONGEST_TARGET = 512

/**
 * Remembers keys that depend on nothing but the URI, each by the URI as it was received: building and joining one anew
 * takes longer than all the rest of a hit.
 */
export function createHotKeys(): HotKeys {
  /** By scheme, authority and target. */
  const schemes = new Map<string, Map<string, Map<string, string>>>()
  let count = 0

  return {
    find: ({ scheme, authority, target }) => schemes.get(scheme)?.get(authority)?.get(target),
    keep({ scheme, authority, target }, key) {
      if (target.length + authority.length > LONGEST_TARGET) return
      if (++count > MOST_KEYS) {
        count = 1
        schemes.clear()
      }
      const authorities = schemes.get(scheme) ?? new Map<string, Map<string, string>>()
      const targets = authorities.get(authority) ?? new Map<string, string>()
      schemes.set(scheme, authorities.set(authority, targets.set(target, key)))
    },
  }
}
