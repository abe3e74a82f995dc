import type { FakeClock, ReferenceOptions, ReferenceServer, ReferenceStore } from '@shelflife/conformance'
import { createReferenceServer, fakeClock, scheduledStore } from '@shelflife/conformance'
import type { Cache, CacheOptions, DefaultTier } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

import { deferred } from './deferred.ts'

export type SetUp = 'local' | 'remote' | 'local and remote'

export const withRemote: readonly SetUp[] = ['remote', 'local and remote']
/** The ways to give a cache its stores. */
export const setUps: readonly SetUp[] = ['local', ...withRemote]

/** A command that is stopped on its way. */
interface Held {
  readonly reached: Promise<void>
  letGo(): void
}

interface Process<Tier extends string = DefaultTier> {
  readonly cache: Cache<Tier>
  readonly connection: ReferenceStore
  /** Stops the next `commit request` on its way to the store, or `commit reply` on its way back; any command. */
  hold(label: string): Held
  /** From now on nothing of this process arrives at the store. */
  crash(): void
}

export interface ProcessOptions<Tier extends string>
  extends Partial<Omit<CacheOptions<Tier>, 'store' | 'clock'>>, Pick<ReferenceOptions, 'bus' | 'leases' | 'budget'> {
  /** Milliseconds that the clock of the process is ahead. */
  readonly skew?: number
}

/** One remote store and its clock, and as many processes as a test starts; `local` ones have nothing in common. */
export interface World {
  readonly clock: FakeClock
  readonly server: ReferenceServer
  start<Tier extends string = never>(options?: ProcessOptions<Tier>): Process<DefaultTier | Tier>
}

const NEVER = new Promise<void>(() => {})
const PATIENT = { read: Infinity, write: Infinity }

export function createWorld(setUp: SetUp): World {
  const clock = fakeClock(10_000)
  const server = createReferenceServer({ clock })

  function start<Tier extends string = never>(options: ProcessOptions<Tier> = {}): Process<DefaultTier | Tier> {
    const { skew = 0, bus = true, leases = true, budget = PATIENT, ...cacheOptions } = options
    const own = { now: () => clock.now() + skew, after: clock.after }
    const holds = new Map<string, { reach(): void; readonly gone: Promise<void> }>()
    let isCrashed = false

    async function turn(label: string): Promise<void> {
      if (isCrashed) return NEVER
      const held = holds.get(label)
      holds.delete(label)
      held?.reach()
      return held?.gone
    }

    const connection = server.connect({ clock: own, bus, leases, budget })
    const local = memoryStore({ clock: own })
    const remote = scheduledStore(connection, turn)
    const store = { local, remote, 'local and remote': [local, remote] as const }[setUp]
    return {
      cache: createCache<Tier>({ namespace: 'shop', ...cacheOptions, store, clock: own }),
      connection,
      hold(label) {
        const reached = deferred()
        const gone = deferred()
        holds.set(label, { reach: reached.resolve, gone: gone.promise })
        return { reached: reached.promise, letGo: gone.resolve }
      },
      crash() {
        isCrashed = true
        connection.disconnectBus()
      },
    }
  }

  return { clock, server, start }
}
