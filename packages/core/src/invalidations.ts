/** What a list of names has been through since some moment. */
export type Verdict = 'intact' | 'expired' | 'invalidated'

/**
 * Every invalidation this process knows of, in order. An entry, a running load or a remote read notes `seq` when it
 * begins; it is void if one of its names (its key, its tags, its namespaces) was invalidated later. This one
 * comparison poisons loads, remote reads, promotions and local copies alike, and finds an invalidation of a tag that
 * nobody held when it came.
 */
export interface Invalidations {
  /** Number of invalidations so far. Equal numbers mean that nothing happened in between. */
  readonly seq: number
  invalidate(names: readonly string[]): void
  expire(names: readonly string[], at: number): void
  /** Makes everything that began before now void: messages may have been lost. */
  forget(): void
  check(names: readonly string[], since: number): Verdict
  /** When the names were expired since then, at the latest; call it after `check` said so. */
  expiredAt(names: readonly string[], since: number): number
}

interface Generation {
  readonly invalidated: Map<string, number>
  readonly expired: Map<string, { readonly seq: number; readonly at: number }>
}

const GENERATION = 16_384

const generation = (): Generation => ({ invalidated: new Map(), expired: new Map() })

/**
 * Two generations bound the memory; what began before the older one is void. An entry that is read now and then is
 * checked against the newest number each time, so only what nobody has read for a whole generation is lost.
 */
export function createInvalidations(size: number = GENERATION): Invalidations {
  let floor = 0
  let older = generation()
  let newer = generation()
  let newerFrom = 0

  function grow(): void {
    if (newer.invalidated.size + newer.expired.size < size) return
    older = newer
    newer = generation()
    floor = Math.max(floor, newerFrom)
    newerFrom = log.seq
  }

  function invalidatedAfter(name: string, since: number): boolean {
    return (newer.invalidated.get(name) ?? 0) > since || (older.invalidated.get(name) ?? 0) > since
  }

  function expiryAfter(name: string, since: number): number | undefined {
    for (const { expired } of [older, newer]) {
      const found = expired.get(name)
      if (found !== undefined && found.seq > since) return found.at
    }
    return undefined
  }

  // a property and not an accessor: every hit reads it
  const log = {
    seq: 0,
    invalidate(names: readonly string[]) {
      log.seq++
      for (const name of names) newer.invalidated.set(name, log.seq)
      grow()
    },
    expire(names: readonly string[], at: number) {
      log.seq++
      for (const name of names) newer.expired.set(name, { seq: log.seq, at })
      grow()
    },
    forget() {
      log.seq++
      floor = log.seq
    },
    check(names: readonly string[], since: number): Verdict {
      if (since === log.seq) return 'intact'
      if (since < floor) return 'invalidated'
      let verdict: Verdict = 'intact'
      for (const name of names) {
        if (invalidatedAfter(name, since)) return 'invalidated'
        if (expiryAfter(name, since) !== undefined) verdict = 'expired'
      }
      return verdict
    },
    expiredAt(names: readonly string[], since: number) {
      return Math.min(...names.map((name) => expiryAfter(name, since) ?? Infinity))
    },
  }
  return log
}
