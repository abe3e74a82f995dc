import type { Clock, Eviction, LocalEntry, LocalStore } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { checkClock, checkNames, refuseOption } from '@shelflife/core/integration'
import { LRUCache } from 'lru-cache'

import { sizeOf } from './size.ts'
import { sizeOfText } from './size-of-text.ts'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /**
   * How many entries are kept at most. A whole number from 1; what is more than 8,388,608 (2^23) means as many as that.
   * Default 50,000. Takes no memory by itself.
   */
  readonly maxEntries?: number
  /** How many bytes all entries may take by estimate. A whole number from 1. Default 64 MiB. */
  readonly maxBytes?: number
  /**
   * Estimates the bytes of a value, once for each entry. An entry of which it throws, or returns no number from 0, is not
   * kept, which is told as a `skip` event. Default: a walk through the value.
   */
  readonly sizeOf?: (value: unknown) => number
  /** For tests. */
  readonly clock?: Clock
}

/** What an entry costs beside its key, value and tags, with its promise and its places in the Map and the lists of lru-cache. */
const ENTRY = 390
/** Half of what a Map can hold: fuller ones cannot be tidied when keys come and go, and throw. */
const MOST_ENTRIES = 2 ** 23
const SWEEP_EVERY = 30_000
/** Entries looked at before the event loop gets its turn. */
const SWEPT_AT_ONCE = 2000

const OPTIONS = new Set(['maxEntries', 'maxBytes', 'sizeOf', 'clock'])

function check(options: MemoryStoreOptions): void {
  checkNames('options of memoryStore()', options, OPTIONS)
  const { sizeOf: own, clock } = options
  if (own !== undefined && typeof own !== 'function') refuseOption('sizeOf', 'a function', own)
  if (clock !== undefined) checkClock(clock)
}

function count(value: number, option: string): number {
  if (Number.isInteger(value) && value > 0) return value
  return refuseOption(option, 'a whole number from 1', value)
}

/**
 * A local store on lru-cache: bounded in entries and bytes. What was used since the last insertion goes after what was
 * not. One timer in all sweeps out what has expired; it does not keep the process alive.
 *
 * @throws ShelflifeError `invalid-option`
 * @example createCache({ namespace: 'shop', store: memoryStore({ maxBytes: 256 * 2 ** 20 }) })
 */
export function memoryStore(options: MemoryStoreOptions = {}): LocalStore {
  check(options)
  const maxEntries = Math.min(count(options.maxEntries ?? 50_000, 'maxEntries'), MOST_ENTRIES)
  const maxBytes = count(options.maxBytes ?? 64 * 2 ** 20, 'maxBytes')
  const estimate = options.sizeOf ?? sizeOf
  const clock = options.clock ?? systemClock
  /** Insertions so far. */
  let epoch = 0
  let isClosed = false
  let evicted = (_eviction: Eviction): void => {}
  let cancelSweep: (() => void) | undefined
  let sweeping: Iterator<[string, LocalEntry]> | undefined

  /** The entries again: unlike those of a list in the order of use, its iterators bear whatever happens meanwhile. */
  const copies = new Map<string, LocalEntry>()
  // without `max`, for which lists of that length would be made at once
  const entries = new LRUCache<string, LocalEntry>({
    maxSize: maxBytes,
    dispose(entry, key, reason) {
      if (reason !== 'set') copies.delete(key)
      if (reason === 'evict') evicted({ key, entry, reason: 'space' })
    },
  })

  function sizeIn(key: string, entry: LocalEntry): number {
    const size = estimate(entry.value)
    // which looks at the key: V8 makes one text of its parts for that, and lets go of them
    if (Number.isFinite(size) && size >= 0) return Math.ceil(size) + entry.tagBytes + sizeOfText(key) + ENTRY
    return refuseOption('what sizeOf returns', 'a number from 0', size)
  }

  /** Tells of an entry that is not kept, nor is what it was to replace. */
  function refuse(eviction: Eviction): void {
    entries.delete(eviction.key)
    evicted(eviction)
  }

  /** `undefined` where that fails, in the user's function or in a proxy, which is no business of who set the entry. */
  function measured(key: string, entry: LocalEntry): number | undefined {
    try {
      return sizeIn(key, entry)
    } catch (error) {
      refuse({ key, entry, reason: 'unsized', error })
      return undefined
    }
  }

  function keep(key: string, entry: LocalEntry, size: number): void {
    if (entries.size >= maxEntries && !entries.has(key)) entries.pop()
    entry.usedIn = ++epoch
    entries.set(key, entry, { size })
    copies.set(key, entry)
    if (cancelSweep === undefined) scheduleSweep()
  }

  function use(key: string, entry: LocalEntry): void {
    entry.usedIn = epoch
    entries.get(key)
  }

  function scheduleSweep(): void {
    const pause = sweeping === undefined ? SWEEP_EVERY : 1
    cancelSweep = entries.size === 0 ? undefined : clock.after(pause, sweep)
  }

  function sweep(): void {
    const now = clock.now()
    const left = (sweeping ??= copies.entries())
    for (let i = 0; i < SWEPT_AT_ONCE; i++) {
      const next = left.next()
      if (next.done === true) {
        sweeping = undefined
        break
      }
      const [key, entry] = next.value
      if (now < entry.keepUntil) continue
      entries.delete(key)
      evicted({ key, entry, reason: 'expired' })
    }
    scheduleSweep()
  }

  function* keys(): Iterable<string> {
    // what was set later comes last
    let left = copies.size
    for (const key of copies.keys()) {
      if (left-- === 0) return
      yield key
    }
  }

  return {
    kind: 'local',
    get(key) {
      const entry = copies.get(key)
      // only insertions evict, so the first use after each is all that the order has to know
      if (entry !== undefined && entry.usedIn !== epoch) use(key, entry)
      return entry
    },
    peek: (key) => copies.get(key),
    keys,
    set(key, entry) {
      // a load that ends late must not bring the timer back
      if (isClosed) return
      // the value that is kept already
      if (copies.get(key) === entry) return use(key, entry)
      const size = measured(key, entry)
      if (size === undefined) return
      if (size > maxBytes) refuse({ key, entry, reason: 'oversized' })
      else keep(key, entry, size)
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    usage: () => ({ entries: entries.size, bytes: entries.calculatedSize }),
    onEvict(listener) {
      evicted = listener
    },
    close() {
      isClosed = true
      cancelSweep?.()
      cancelSweep = undefined
      entries.clear()
    },
  }
}
