import type { Codec } from './codec.ts'
import { refuseOption } from './errors.ts'
import { jsonCodec } from './json-codec.ts'
import type { CacheOptions } from './options.ts'
import { orElse } from './options.ts'
import type { RemoteStore } from './store.ts'

/** The options that only matter with a remote store, resolved once. */
export interface RemotePolicy {
  readonly codec: Codec
  readonly maxDrift: number
  readonly partitionTtl: number
  /** 0 from a store that has none. */
  readonly lease: number
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveRemote(options: CacheOptions<string>, store: RemoteStore): RemotePolicy {
  const codec = options.codec ?? store.codec ?? jsonCodec
  if (!(Number.isInteger(codec.id) && codec.id > 0 && codec.id < 256)) refuseOption('codec.id', '1 to 255', codec.id)
  const lease = orElse(options.lease, 3000, 'lease')
  return {
    codec,
    maxDrift: orElse(options.maxDrift, 1000, 'maxDrift'),
    partitionTtl: orElse(options.partitionTtl, 30_000, 'partitionTtl'),
    lease: store.leases ? lease : 0,
  }
}
