import { systemClock } from '@shelflife/core'
import { refuseOption } from '@shelflife/core/integration'
import type { RemoteStoreOptions, RemoteStorePolicy } from '@shelflife/core/protocol'
import { resolveStoreOptions } from '@shelflife/core/protocol'
import { msgpackCodec } from '@shelflife/msgpack'

/** Options of every Redis store. */
export interface RedisStoreOptions extends RemoteStoreOptions {
  /**
   * What all names in Redis start with: 1 to 64 letters, digits, `.`, `_`, `:` and `-`. Caches that share entries,
   * tags and messages need the same. On a Cluster all tags of one prefix are in one slot. Default `shelflife`.
   */
  readonly prefix?: string
  /**
   * How many replicas must have an invalidation before it is `done` (`WAIT`), so that it outlives a failover to one of them.
   * Each invalidation takes one more command, behind which all others of the connection wait for the slowest of these
   * replicas, for half the read budget at most; one that is not there by then is `queued` and told again. Not over HTTP.
   * Default 0.
   */
  readonly waitForReplicas?: number
}

/** The same, complete. */
export interface RedisPolicy extends RemoteStorePolicy {
  readonly prefix: string
  readonly waitForReplicas: number
}

const PREFIX = /^[\w.:-]{1,64}$/

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveRedisOptions(options: RedisStoreOptions): RedisPolicy {
  const policy = resolveStoreOptions(options, {
    of: 'a Redis store',
    own: ['prefix', 'waitForReplicas'],
    codec: msgpackCodec,
    clock: systemClock,
  })
  const { prefix = 'shelflife', waitForReplicas = 0 } = options
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    refuseOption('prefix', "1 to 64 letters, digits, '.', '_', ':' and '-'", prefix)
  }
  if (!Number.isSafeInteger(waitForReplicas) || waitForReplicas < 0) {
    refuseOption('waitForReplicas', 'a number of replicas, 0 or more', waitForReplicas)
  }
  return { ...policy, prefix, waitForReplicas }
}
