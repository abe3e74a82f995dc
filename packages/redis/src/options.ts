import type { Clock, Codec, Duration } from '@shelflife/core'
import { ShelflifeError, systemClock, toMilliseconds } from '@shelflife/core'
import { msgpackCodec } from '@shelflife/msgpack'

/** Options of every Redis store. */
export interface RedisStoreOptions {
  /**
   * What all names in Redis start with: 1 to 64 letters, digits, `.`, `_`, `:` and `-`. Caches that share entries,
   * tags and messages need the same. On a Cluster all tags of one prefix are in one slot. Default `shelflife`.
   */
  readonly prefix?: string
  /** How long one command may take until the cache does without. Default `{ read: '100ms', write: '500ms' }`. */
  readonly budget?: { readonly read?: Duration; readonly write?: Duration }
  /** A value whose bytes are more than this is returned and reported, not stored. Default 5 MiB (5,242,880). */
  readonly maxValueBytes?: number
  /** What values are encoded with unless the cache names another. Default `msgpackCodec`. */
  readonly codec?: Codec
  /** For tests. */
  readonly clock?: Clock
}

/** The same, complete. */
export interface RedisPolicy {
  readonly prefix: string
  readonly budget: { readonly read: number; readonly write: number }
  readonly maxValueBytes: number
  readonly codec: Codec
  readonly clock: Clock
}

const PREFIX = /^[\w.:-]{1,64}$/
const MEBIBYTE = 2 ** 20

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveOptions(options: RedisStoreOptions): RedisPolicy {
  const { prefix = 'shelflife', budget = {}, maxValueBytes = 5 * MEBIBYTE } = options
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    refuse('prefix', "1 to 64 letters, digits, '.', '_', ':' and '-'", prefix)
  }
  if (!Number.isSafeInteger(maxValueBytes) || maxValueBytes < 1) {
    refuse('maxValueBytes', 'a positive whole number of bytes', maxValueBytes)
  }
  return {
    prefix,
    budget: {
      read: toMilliseconds(budget.read ?? 100, 'budget.read'),
      write: toMilliseconds(budget.write ?? 500, 'budget.write'),
    },
    maxValueBytes,
    codec: options.codec ?? msgpackCodec,
    clock: options.clock ?? systemClock,
  }
}

function refuse(option: string, mustBe: string, received: unknown): never {
  throw new ShelflifeError('invalid-option', `${option} must be ${mustBe}; received ${JSON.stringify(received)}`)
}
