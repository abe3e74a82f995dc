import type { Clock } from './clock.ts'
import type { Codec } from './codec.ts'
import type { Duration } from './duration.ts'
import { toMilliseconds } from './duration.ts'
import { checkNames, refuseOption, ShelflifeError } from './errors.ts'
import { checkClock, checkCodec } from './options.ts'
import { secretKeys } from './short-key.ts'
import type { RemoteStore } from './store.ts'

/** What every remote store can be told. */
export interface RemoteStoreOptions {
  /**
   * How long one command may take until the cache does without. Where many are under way at once, the store may not answer
   * anybody for the longer of the two instead. Default `{ read: '100ms', write: '500ms' }`.
   */
  readonly budget?: { readonly read?: Duration; readonly write?: Duration }
  /** A value whose bytes are more than this is returned and reported, not stored. Default 5 MiB (5,242,880). */
  readonly maxValueBytes?: number
  /** What values are encoded with unless the cache names another. Default `msgpackCodec`. */
  readonly codec?: Codec
  /**
   * At least 16 bytes. With it the arguments in all keys are replaced by their HMAC-SHA-256, so that nobody who reads the
   * store learns them; names of functions and tags stay readable. A new secret empties the cache. Default: none.
   */
  readonly keySecret?: string | Uint8Array
  /** For tests. */
  readonly clock?: Clock
}

/** The same, complete. */
export interface RemoteStorePolicy {
  readonly budget: { readonly read: number; readonly write: number }
  readonly maxValueBytes: number
  readonly codec: Codec
  readonly keyOf: RemoteStore['keyOf']
  readonly clock: Clock
}

const BUDGET = { read: 100, write: 500 }
const OPTIONS = [
  'budget',
  'maxValueBytes',
  'codec',
  'keySecret',
  'clock',
] as const satisfies (keyof RemoteStoreOptions)[]
const BUDGET_OPTIONS = new Set(Object.keys(BUDGET))
const MEBIBYTE = 2 ** 20
const SHORTEST_SECRET = 16

/** The message says nothing about what was received. */
function secretOf(secret: unknown): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (bytes instanceof Uint8Array && bytes.length >= SHORTEST_SECRET) return bytes
  const mustBe = `text or a Uint8Array of at least ${SHORTEST_SECRET} bytes`
  throw new ShelflifeError('invalid-option', `keySecret must be ${mustBe}`)
}

/** How the options of one store are to be read. */
interface Reading {
  /** What they are options of, for messages. */
  readonly of: string
  /** The names of its own options, which it checks itself. */
  readonly own?: readonly string[]
  readonly codec: Codec
  readonly clock: Clock
}

/**
 * Checks the options that all remote stores have, and that there are no others but its own.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example
 * const { budget, keyOf } = resolveStoreOptions(options, { of: 'exampleStore()', codec: jsonCodec, clock: systemClock })
 */
export function resolveStoreOptions(
  options: RemoteStoreOptions,
  { of, own = [], ...defaults }: Reading,
): RemoteStorePolicy {
  checkNames(`options of ${of}`, options, new Set([...OPTIONS, ...own]))
  const {
    budget = {},
    maxValueBytes = 5 * MEBIBYTE,
    keySecret,
    codec = defaults.codec,
    clock = defaults.clock,
  } = options
  checkNames('budget', budget, BUDGET_OPTIONS)
  checkCodec(codec)
  checkClock(clock)
  if (!Number.isSafeInteger(maxValueBytes) || maxValueBytes < 1) {
    refuseOption('maxValueBytes', 'a positive whole number of bytes', maxValueBytes)
  }
  return {
    budget: {
      read: toMilliseconds(budget.read ?? BUDGET.read, 'budget.read'),
      write: toMilliseconds(budget.write ?? BUDGET.write, 'budget.write'),
    },
    maxValueBytes,
    codec,
    keyOf: keySecret === undefined ? undefined : secretKeys(secretOf(keySecret)),
    clock,
  }
}
