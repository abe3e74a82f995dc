import type { Clock } from './clock.ts'
import type { LocalStore } from './store.ts'
import { createSweep } from './sweep.ts'
import type { Watch, Watches } from './watches.ts'
import { createWatches } from './watches.ts'

/** What a list of tags has been through since some moment. */
export type Verdict = 'intact' | 'expired' | 'invalidated'

/**
 * What this process knows to be invalidated. An invalidated key is forgotten at once: its copy is deleted, and what runs
 * for it is told. An invalidated tag gets the next number in a log. An entry, a running load or a remote read notes `seq`
 * when it begins; it is void if one of its tags (namespaces are tags) was invalidated later. This one comparison poisons
 * loads, remote reads, promotions and local copies alike, and finds an invalidation of a tag that nobody held when it came.
 */
export interface Invalidations extends Pick<Watches, 'watch' | 'renew' | 'end' | 'fence'> {
  /** Number of invalidations of tags so far. Equal numbers mean that nothing happened in between. */
  readonly seq: number
  invalidate(tags: readonly string[]): void
  expire(tags: readonly string[], at: number): void
  /** Makes everything that began before now void: messages may have been lost. */
  forget(): void
  check(tags: readonly string[], since: number): Verdict
  /** When the tags were expired since then, at the latest; call it after `check` said so. */
  expiredAt(tags: readonly string[], since: number): number
  /** Whether neither its key nor one of these tags was invalidated or expired since a watch began. */
  isIntact(watch: Watch, tags: readonly string[]): boolean
}

export interface InvalidationsInput {
  readonly clock: Clock
  readonly local?: LocalStore | undefined
  /** Compares the copy of a key with the log, which is no use of it. */
  readonly compare?: (key: string) => void
  /** Bytes of a generation. */
  readonly size?: number
}

interface Generation {
  readonly invalidated: Map<string, number>
  readonly expired: Map<string, { readonly seq: number; readonly at: number }>
  bytes: number
}

const GENERATION = 2 * 2 ** 20
/** What a name takes beside its text. */
const RECORD = 80

const generation = (): Generation => ({ invalidated: new Map(), expired: new Map(), bytes: 0 })

const bytesOf = (tag: string): number => RECORD + 2 * tag.length

/**
 * The log has two generations. When the newer one is full, the older one has been compared with every copy and every copy
 * is compared with the newer one next: each invalidation looks at a few, so that the sweep is through when half as much
 * again was invalidated. What runs keeps the older generation too, until the newer one is twice its size; from then on
 * what began before it is void.
 */
export function createInvalidations({
  clock,
  local,
  compare = () => {},
  size = GENERATION,
}: InvalidationsInput): Invalidations {
  let floor = 0
  let older = generation()
  let newer = generation()
  let newerFrom = 0
  const { holds, oldest, ...watches } = createWatches(clock, () => log.seq)
  const sweep = createSweep(local, compare)

  function record<T>(tags: readonly string[], records: Map<string, T>, value: T): void {
    let bytes = 0
    for (const tag of tags) {
      if (!records.has(tag)) newer.bytes += bytesOf(tag)
      records.set(tag, value)
      bytes += bytesOf(tag)
    }
    sweep.advance((2 * bytes) / size)
    if (newer.bytes >= size) turn()
  }

  function turn(): void {
    // by now the sweep has been through twice what there was to compare with the older one
    if (oldest() < newerFrom && newer.bytes < 2 * size) return
    floor = newerFrom
    begin(newer)
    sweep.start()
  }

  function begin(before: Generation): void {
    older = before
    newer = generation()
    newerFrom = log.seq
  }

  function invalidatedAfter(tag: string, since: number): boolean {
    return (newer.invalidated.get(tag) ?? 0) > since || (older.invalidated.get(tag) ?? 0) > since
  }

  function expiryAfter(tag: string, since: number): number | undefined {
    for (const { expired } of [older, newer]) {
      const found = expired.get(tag)
      if (found !== undefined && found.seq > since) return found.at
    }
    return undefined
  }

  // `seq` is a property and not an accessor: every hit reads it
  const log: { -readonly [Name in keyof Invalidations]: Invalidations[Name] } = {
    seq: 0,
    ...watches,
    invalidate(tags) {
      log.seq++
      record(tags, newer.invalidated, log.seq)
    },
    expire(tags, at) {
      log.seq++
      record(tags, newer.expired, { seq: log.seq, at })
    },
    forget() {
      log.seq++
      floor = log.seq
      begin(generation())
      sweep.stop()
    },
    check(tags, since) {
      if (since === log.seq) return 'intact'
      if (since < floor) return 'invalidated'
      let verdict: Verdict = 'intact'
      for (const tag of tags) {
        if (invalidatedAfter(tag, since)) return 'invalidated'
        if (expiryAfter(tag, since) !== undefined) verdict = 'expired'
      }
      return verdict
    },
    expiredAt: (tags, since) => Math.min(...tags.map((tag) => expiryAfter(tag, since) ?? Infinity)),
    isIntact: (watch, tags) => holds(watch) && log.check(tags, watch.since) === 'intact',
  }
  return log
}
