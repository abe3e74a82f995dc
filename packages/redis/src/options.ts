import type { Clock, Codec, Duration, RemoteStore } from '@shelflife/core'
import { ShelflifeError, systemClock, toMilliseconds } from '@shelflife/core'
import { secretKeys } from '@shelflife/core/protocol'
import { msgpackCodec } from '@shelflife/msgpack'

/** Options of every Redis store. */
export interface RedisStoreOptions {
  /**
   * What all names in Redis start with: 1 to 64 letters, digits, `.`, `_`, `:` and `-`. Caches that share entries,
   * tags and messages need the same. On a Cluster all tags of one prefix are in one slot. Default `shelflife`.
   */
  readonly prefix?: string
  /**
   * How long one command may take until the cache does without. Where many are under way at once, the server may not answer
   * anybody for the longer of the two instead. Default `{ read: '100ms', write: '500ms' }`.
   */
  readonly budget?: { readonly read?: Duration; readonly write?: Duration }
  /** A value whose bytes are more than this is returned and reported, not stored. Default 5 MiB (5,242,880). */
  readonly maxValueBytes?: number
  /** What values are encoded with unless the cache names another. Default `msgpackCodec`. */
  readonly codec?: Codec
  /**
   * At least 16 bytes. With it the arguments in all keys are replaced by their HMAC-SHA-256, so that nobody who reads
   * Redis learns them; names of functions and tags stay readable. A new secret empties the cache. Default: none.
   */
  readonly keySecret?: string | Uint8Array
  /**
   * How many replicas must have an invalidation before it is `done` (`WAIT`), so that it outlives a failover to one of them.
   * Each invalidation takes one more command, behind which all others of the connection wait for the slowest of these
   * replicas, for half the read budget at most; one that is not there by then is `queued` and told again. Not over HTTP.
   * Default 0.
   */
  readonly waitForReplicas?: number
  /** For tests. */
  readonly clock?: Clock
}

/** The same, complete. */
export interface RedisPolicy {
  readonly prefix: string
  readonly budget: { readonly read: number; readonly write: number }
  readonly maxValueBytes: number
  readonly codec: Codec
  readonly keyOf: RemoteStore['keyOf']
  readonly waitForReplicas: number
  readonly clock: Clock
}

const PREFIX = /^[\w.:-]{1,64}$/
const MEBIBYTE = 2 ** 20

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveOptions(options: RedisStoreOptions): RedisPolicy {
  const { prefix = 'shelflife', budget = {}, maxValueBytes = 5 * MEBIBYTE, waitForReplicas = 0 } = options
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    refuse('prefix', "1 to 64 letters, digits, '.', '_', ':' and '-'", prefix)
  }
  if (!Number.isSafeInteger(maxValueBytes) || maxValueBytes < 1) {
    refuse('maxValueBytes', 'a positive whole number of bytes', maxValueBytes)
  }
  if (!Number.isSafeInteger(waitForReplicas) || waitForReplicas < 0) {
    refuse('waitForReplicas', 'a number of replicas, 0 or more', waitForReplicas)
  }
  return {
    prefix,
    budget: {
      read: toMilliseconds(budget.read ?? 100, 'budget.read'),
      write: toMilliseconds(budget.write ?? 500, 'budget.write'),
    },
    maxValueBytes,
    codec: options.codec ?? msgpackCodec,
    keyOf: options.keySecret === undefined ? undefined : secretKeys(secretOf(options.keySecret)),
    waitForReplicas,
    clock: options.clock ?? systemClock,
  }
}

/** The message says nothing about what was received. */
function secretOf(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (bytes instanceof Uint8Array && bytes.length >= 16) return bytes
  throw new ShelflifeError('invalid-option', 'keySecret must be text or a Uint8Array of at least 16 bytes')
}

function refuse(option: string, mustBe: string, received: unknown): never {
  throw new ShelflifeError('invalid-option', `${option} must be ${mustBe}; received ${JSON.stringify(received)}`)
}
