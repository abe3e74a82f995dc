import { parseDictionary } from 'structured-headers'

import type { CacheControl, Directive } from './cache-control.ts'
import { clampedSeconds, controlOf, fieldNames, parseCacheControl } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf, valueOf } from './header-list.ts'

/** The directives that count for this cache. */
export interface EffectiveControl {
  readonly control: CacheControl
  /** The field they stand in, in lower case. */
  readonly source: string
}

const SECONDS: ReadonlySet<string> = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'])

const RESTRICTIONS: ReadonlySet<string> = new Set(['no-store', 'no-cache', 'private'])

/** A member of the dictionary as a directive; none where its type is not that of the directive. */
function directive(name: string, value: unknown): readonly Directive[] {
  if (value === false) return []
  if (SECONDS.has(name)) {
    return Number.isInteger(value) ? [{ name, seconds: clampedSeconds(value as number), fields: [] }] : []
  }
  // Whoever writes `private=1` hardly means that everybody may have it: restrictions hold whatever their type.
  if (RESTRICTIONS.has(name)) {
    return [{ name, seconds: 0, fields: typeof value === 'string' ? fieldNames(value) : [] }]
  }
  return value === true ? [{ name, seconds: 0, fields: [] }] : []
}

/** `undefined` for a field that is absent, empty or not a dictionary: RFC 9213 §2.1 says to ignore it. */
function parseTargeted(value: string | undefined): CacheControl | undefined {
  try {
    const members = [...parseDictionary(value ?? '')]
    return members.length === 0 ? undefined : controlOf(members.flatMap(([name, [member]]) => directive(name, member)))
  } catch {
    return undefined
  }
}

/**
 * The directives that count for a cache with these targets: the first targeted field that is valid alone, otherwise
 * `Cache-Control` (RFC 9213 §2.2). `Expires` only counts with the latter.
 *
 * @param targets names of fields, the most specific first
 * @example effectiveControl(headers, ['cdn-cache-control']).control.seconds('max-age')
 */
export function effectiveControl(headers: HeaderList, targets: readonly string[]): EffectiveControl {
  for (const target of targets) {
    const source = target.toLowerCase()
    const control = parseTargeted(valueOf(headers, source))
    if (control !== undefined) return { control, source }
  }
  return { control: parseCacheControl(linesOf(headers, 'cache-control')), source: 'cache-control' }
}
