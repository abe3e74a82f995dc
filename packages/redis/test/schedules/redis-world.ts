import type { Connected, Setup, StartServer, Step } from '../../../core/test/schedules/world.ts'
import { runWorldOn } from '../../../core/test/schedules/world.ts'
import { redisStore } from '@shelflife/redis'
import fc from 'fast-check'
import { SOURCES } from '../scripts.ts'
import type { Repeats } from '../simulated/client.ts'
import { simulatedClient } from '../simulated/client.ts'
import type { Topology } from '../simulated/server.ts'
import { simulatedServer } from '../simulated/server.ts'

export interface RedisSetup extends Setup {
  readonly topology: Topology
  /** Whether the server has run the scripts before; otherwise the first one that needs each sends it twice. */
  readonly knowsScripts: boolean
  readonly repeats: Repeats | undefined
}

const FOR_EVER = 365 * 86_400_000
const PREFIX = 'world'
const OWNED = { 'tag ids': /^\{world\}:t/, fences: /:f$/, log: /:log$/ }

const startRedis: StartServer<RedisSetup> = ({ setup, clock, turn }) => {
  const { topology, knowsScripts, repeats, bus } = setup
  const server = simulatedServer({ clock, topology, scripts: knowsScripts ? SOURCES : [] })

  function connect({ clock: own, budget }: Parameters<ReturnType<typeof startRedis>['connect']>[0]): Connected {
    const client = simulatedClient(server, { turn, bus, ...(repeats && { repeats }) })
    const finite = { read: Math.min(budget.read, FOR_EVER), write: Math.min(budget.write, FOR_EVER) }
    const store = redisStore(client, { prefix: PREFIX, clock: own, budget: finite })
    return {
      store: { ...store, budget, leases: setup.leases },
      disconnect: client.disconnect,
      reconnect: client.reconnect,
    }
  }

  return {
    connect,
    evict(what, which) {
      const names = server.names().filter((name) => OWNED[what].test(name))
      for (const [i, name] of names.entries()) if ((which >> (i % 8)) & 1) server.evict(name)
    },
  }
}

/** The world of core's own schedules, over the store for Redis and a Redis in this process. */
export const runRedisWorld = runWorldOn(startRedis)

/** How the server and the clients are, beside everything that core's own schedules vary. */
export const servers = fc.record({
  topology: fc.constantFrom<Topology>('standalone', 'standalone', 'cluster', 'cluster', 'old cluster'),
  knowsScripts: fc.boolean(),
  repeats: fc.option(fc.record({ every: fc.constantFrom(1, 3, 5), lateBy: fc.constantFrom(0, 4, 12) }), {
    freq: 2,
    nil: undefined,
  }),
})

export const onRedis = (setups: fc.Arbitrary<Setup>): fc.Arbitrary<RedisSetup> =>
  fc.tuple(setups, servers).map(([setup, server]) => ({ ...setup, ...server }))

/** Metadata that the server forgets at any time. */
export const evictions: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('evict' as const),
  what: fc.constantFrom('tag ids' as const, 'fences' as const, 'log' as const),
  which: fc.constantFrom(-1, 1, 2, 4, 0b10101010),
})

/** Longer than `maxDrift`, with time for the bus to ask the server again. */
const drift = fc.constantFrom<Step[]>(
  [{ do: 'advance', ms: 1100 }],
  Array.from({ length: 4 }, (): Step => ({ do: 'advance', ms: 300 })),
)

/** One process reads what another invalidates, and reads again after `maxDrift`. It may miss messages, not the last. */
export const drifting: fc.Arbitrary<Step[][]> = fc
  .record({
    process: fc.nat({ max: 1 }),
    type: fc.constantFrom('invalidate' as const, 'invalidate tag' as const, 'clear' as const, 'set' as const),
    misses: fc.constantFrom('nothing', 'nothing', 'all', 'all but the last', 'a new log'),
    later: drift,
  })
  .map(({ process, type, misses, later }) => {
    const read: Step = { do: 'read', process, key: 0 }
    const told: Step = { do: type, process: 1 - process, key: 0 }
    const [cut, restore] = [{ do: 'disconnect', process } as const, { do: 'reconnect', process } as const]
    const forget: Step = { do: 'evict', what: 'log', which: -1 }
    const then: Record<string, Step[]> = {
      nothing: [read, told],
      all: [read, cut, told, restore],
      'all but the last': [read, cut, told, restore, { ...told, key: 1 }],
      'a new log': [told, read, cut, forget, told, restore],
    }
    return [
      [...(then[misses] ?? []), ...later, read],
      [read, read],
    ]
  })
