import type { Clock, Codec, Duration, RemoteStore } from '@shelflife/core'
import { ShelflifeError, systemClock, toMilliseconds } from '@shelflife/core'
import { secretKeys } from '@shelflife/core/protocol'
import { msgpackCodec } from '@shelflife/msgpack'

/** Options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /**
   * How long one command may wait for other processes that write, until the cache does without. Default
   * `{ read: '100ms', write: '500ms' }`.
   */
  readonly budget?: { readonly read?: Duration; readonly write?: Duration }
  /** A value whose bytes are more than this is returned and reported, not stored. Default 5 MiB (5,242,880). */
  readonly maxValueBytes?: number
  /** What values are encoded with unless the cache names another. Default `msgpackCodec`. */
  readonly codec?: Codec
  /**
   * At least 16 bytes. With it the arguments in all keys are replaced by their HMAC-SHA-256, so that nobody who reads the
   * file learns them; names of functions and tags stay readable. A new secret empties the cache. Default: none.
   */
  readonly keySecret?: string | Uint8Array
  /** For tests. */
  readonly clock?: Clock
}

/** The same, complete. */
export interface SqlitePolicy {
  readonly budget: { readonly read: number; readonly write: number }
  readonly maxValueBytes: number
  readonly codec: Codec
  readonly keyOf: RemoteStore['keyOf']
  readonly clock: Clock
  /** What time it is on this machine, in milliseconds since 1970. */
  readonly wall: () => number
}

/** One that is read each time: calls to SQLite block, and `systemClock` keeps one reading for a turn of the event loop. */
const readingClock: Clock = { ...systemClock, now: () => performance.now() }

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveOptions({
  budget = {},
  maxValueBytes = 5 * 2 ** 20,
  codec = msgpackCodec,
  keySecret,
  clock,
}: SqliteStoreOptions): SqlitePolicy {
  if (!Number.isSafeInteger(maxValueBytes) || maxValueBytes < 1) {
    const received = JSON.stringify(maxValueBytes)
    refuse(`maxValueBytes must be a positive whole number of bytes; received ${received}`)
  }
  return {
    budget: {
      read: toMilliseconds(budget.read ?? 100, 'budget.read'),
      write: toMilliseconds(budget.write ?? 500, 'budget.write'),
    },
    maxValueBytes,
    codec,
    keyOf: keySecret === undefined ? undefined : secretKeys(secretOf(keySecret)),
    clock: clock ?? readingClock,
    // oxlint-disable-next-line no-restricted-properties -- the clock that processes have in common
    wall: clock === undefined ? Date.now : clock.now,
  }
}

/** The message says nothing about what was received. */
function secretOf(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (bytes instanceof Uint8Array && bytes.length >= 16) return bytes
  return refuse('keySecret must be text or a Uint8Array of at least 16 bytes')
}

/** @throws ShelflifeError `invalid-option` */
export function refuse(message: string, options?: ErrorOptions): never {
  throw new ShelflifeError('invalid-option', message, options)
}
