import { exactClock, ShelflifeError } from '@shelflife/core'
import type { RemoteStoreOptions, RemoteStorePolicy } from '@shelflife/core/protocol'
import { resolveStoreOptions } from '@shelflife/core/protocol'
import { msgpackCodec } from '@shelflife/msgpack'

/** Options of `sqliteStore`: a budget is how long one command may wait for other processes that write. */
export type SqliteStoreOptions = RemoteStoreOptions

/** The same, complete. */
export interface SqlitePolicy extends RemoteStorePolicy {
  /** What time it is on this machine, in milliseconds since 1970. */
  readonly wall: () => number
  /** Milliseconds since the machine has started. */
  readonly uptime: () => number
}

/** The same for all processes of a machine, unlike that of `performance`. */
const uptimeOfMachine = (): number => Number(process.hrtime.bigint()) / 1e6

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveOptions(options: SqliteStoreOptions): SqlitePolicy {
  // calls to SQLite block, so the time is read each time
  const policy = resolveStoreOptions(options, { of: 'sqliteStore()', codec: msgpackCodec, clock: exactClock })
  // oxlint-disable-next-line no-restricted-properties -- the clock that processes have in common
  return { ...policy, wall: options.clock?.now ?? Date.now, uptime: options.clock?.now ?? uptimeOfMachine }
}

/** @throws ShelflifeError `invalid-option` */
export function refuse(message: string, options?: ErrorOptions): never {
  throw new ShelflifeError('invalid-option', message, options)
}
