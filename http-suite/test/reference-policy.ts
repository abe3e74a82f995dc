import type { Asked } from './forward.ts'
import { valueOf } from './forward.ts'
import { fromStored } from './reference-answer.ts'
import * as ruleBook from './reference-rules.ts'

/** What a reference cache goes by. A mistake replaces one of them. */
export const RULES = {
  ageOf: ruleBook.ageOf,
  controlOf: ruleBook.controlOf,
  freshened: ruleBook.freshened,
  isStorable: ruleBook.isStorable,
  lifetimeOf: ruleBook.lifetimeOf,
  storedLines: ruleBook.storedLines,
  varyOf: ruleBook.varyOf,
  fromStored,
  keyOf: ({ target, lines }: Asked): string => `${valueOf(lines, 'host')?.toLowerCase()} ${target}`,
  /** RFC 9111 §4.2.4. */
  mayBeStale: (control: ruleBook.Control): boolean =>
    !['must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache'].some((name) => control.has(name)),
  /** RFC 9111 §4: by value, not by field name. */
  isOnlyValidated: (control: ruleBook.Control): boolean => control.get('no-cache') === '',
  /** Whether a client is particular about what it gets. */
  isWish: (control: ruleBook.Control): boolean =>
    ['no-cache', 'no-store', 'max-age', 'min-fresh', 'only-if-cached'].some((name) => control.has(name)),
  /** How often a stale response is asked for in the background. */
  refreshes: 1,
  isFailure: (status: number): boolean => status >= 500,
  isUnsafe: (method: string): boolean => !['GET', 'HEAD', 'OPTIONS', 'PROPFIND'].includes(method),
  isSameOrigin: (one: URL, other: URL): boolean => one.origin === other.origin,
}
export type Rules = typeof RULES
