import './scripts.ts'
import { describeStore, fakeClock } from '@shelflife/conformance'
import { redisStore } from '@shelflife/redis'
import type { SimulatedClient } from './simulated/client.ts'
import { simulatedClient } from './simulated/client.ts'
import type { Topology } from './simulated/server.ts'
import { simulatedServer } from './simulated/server.ts'

/** Commands travel in macrotasks, so that time can be moved on while they do. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
/** More than the longest chain of commands that one step in time sets off. */
const TURNS = 8

function describeSimulated(name: string, topology: Topology): void {
  const clock = fakeClock(1_000_000)
  const server = simulatedServer({ clock, topology })
  const clients = new Map<unknown, SimulatedClient>()

  describeStore(name, {
    async connect() {
      const client = simulatedClient(server, { turn })
      const store = redisStore(client, { clock })
      clients.set(store, client)
      return store
    },
    time: {
      clock,
      async advance(ms) {
        clock.advance(ms)
        for (let i = 0; i < TURNS; i++) await turn()
      },
      patience: 3_600_000,
    },
    loseBus: (store) => clients.get(store)?.disconnect(),
    restoreBus: (store) => clients.get(store)?.reconnect(),
    snapshot: server.snapshot,
    size: server.size,
  })
}

describeSimulated('Redis in this process', 'standalone')
describeSimulated('a Cluster in this process', 'cluster')
describeSimulated('an old Cluster in this process', 'old cluster')
