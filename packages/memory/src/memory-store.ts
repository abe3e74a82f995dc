import type { Eviction, LocalEntry, LocalStore } from '@shelflife/core'
import { ShelflifeError, systemClock } from '@shelflife/core'
import type { Clock } from '@shelflife/core'
import { LRUCache } from 'lru-cache'

import { sizeOf, sizeOfText } from './size.ts'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** How many entries are kept at most. A whole number from 1. Default 50,000. */
  readonly maxEntries?: number
  /** How many bytes all entries may take by estimate. A whole number from 1. Default 64 MiB. */
  readonly maxBytes?: number
  /** Estimates the bytes of a value where the encoded size is not known. Default: a walk through it. */
  readonly sizeOf?: (value: unknown) => number
  /** For tests. */
  readonly clock?: Clock
}

/** What an entry costs beside its key and value. */
const ENTRY = 200
const SWEEP_EVERY = 30_000
/** Entries looked at before the event loop gets its turn. */
const SWEPT_AT_ONCE = 2000

function count(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new ShelflifeError('invalid-option', `${option} must be a whole number from 1; received ${String(value)}`)
}

/**
 * A local store on lru-cache: bounded in entries and bytes. What was used since the last insertion goes after what was
 * not. One timer in all sweeps out what has expired; it does not keep the process alive.
 *
 * @throws ShelflifeError `invalid-option`
 * @example createCache({ namespace: 'shop', store: memoryStore({ maxBytes: 256 * 2 ** 20 }) })
 */
export function memoryStore(options: MemoryStoreOptions = {}): LocalStore {
  const maxEntries = count(options.maxEntries ?? 50_000, 'maxEntries')
  const maxBytes = count(options.maxBytes ?? 64 * 2 ** 20, 'maxBytes')
  const estimate = options.sizeOf ?? sizeOf
  const clock = options.clock ?? systemClock
  /** Insertions so far. */
  let epoch = 0
  let isClosed = false
  let evicted = (_eviction: Eviction): void => {}
  let cancelSweep: (() => void) | undefined
  let sweeping: ReturnType<typeof entries.rkeys> | undefined

  const entries = new LRUCache<string, LocalEntry>({
    max: maxEntries,
    maxSize: maxBytes,
    dispose(entry, key, reason) {
      if (reason === 'evict') evicted({ key, entry, reason: 'space' })
    },
  })

  function sizeIn(key: string, entry: LocalEntry): number {
    const size = entry.bytes ?? estimate(entry.value)
    // which looks at the key: V8 makes one text of its parts for that, and lets go of them
    if (Number.isFinite(size) && size >= 0) return Math.ceil(size) + sizeOfText(key) + ENTRY
    throw new ShelflifeError('invalid-option', `sizeOf must return a number from 0; received ${String(size)}`)
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
    const keys = (sweeping ??= entries.rkeys())
    for (let i = 0; i < SWEPT_AT_ONCE; i++) {
      const { done, value: key } = keys.next()
      if (done === true) {
        sweeping = undefined
        break
      }
      const entry = entries.peek(key as string)
      if (entry === undefined || now < entry.keepUntil) continue
      entries.delete(key as string)
      evicted({ key: key as string, entry, reason: 'expired' })
    }
    scheduleSweep()
  }

  return {
    kind: 'local',
    get(key) {
      const entry = entries.peek(key)
      // only insertions evict, so the first use after each is all that the order has to know
      if (entry !== undefined && entry.usedIn !== epoch) use(key, entry)
      return entry
    },
    set(key, entry) {
      // a load that ends late must not bring the timer back
      if (isClosed) return
      const size = sizeIn(key, entry)
      if (size > maxBytes) {
        entries.delete(key)
        evicted({ key, entry, reason: 'oversized' })
        return
      }
      entry.usedIn = ++epoch
      entries.set(key, entry, { size })
      if (cancelSweep === undefined) scheduleSweep()
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
