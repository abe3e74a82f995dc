import type { Clock } from '@shelflife/core'
import type { ReferenceOptions, ReferenceStore } from '@shelflife/conformance'
import { createReferenceServer, describeStore, fakeClock } from '@shelflife/conformance'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

interface Setting {
  readonly options?: ReferenceOptions
  /** Where the clock of the server starts; that of the processes starts at 1000. */
  readonly serverStart?: number
}

function describeReference(name: string, { options, serverStart = 1000 }: Setting = {}): void {
  const own = fakeClock()
  const servers = serverStart === 1000 ? own : fakeClock(serverStart)
  const clock: Clock = own
  const server = createReferenceServer({ clock: servers })
  const cut = new Map<unknown, ReferenceStore>()

  describeStore(name, {
    async connect() {
      const store = server.connect({ ...options, clock })
      cut.set(store, store)
      return store
    },
    time: {
      clock,
      async advance(ms) {
        own.advance(ms)
        if (servers !== own) servers.advance(ms)
        await turn()
      },
      patience: 3_600_000,
    },
    loseBus: (store) => cut.get(store)?.disconnectBus(),
    restoreBus: (store) => cut.get(store)?.reconnectBus(),
    snapshot: server.snapshot,
    size: () => server.records.size + server.fences.size + server.tags.size,
  })
}

describeReference('reference store')
describeReference('reference store without leases', { options: { leases: false } })
describeReference('reference store without a bus', { options: { bus: false } })
describeReference('reference store whose clock is ahead of the process', { serverStart: 90_000_000.25 })
describeReference('reference store whose clock is behind the process', { serverStart: 0 })
describeReference('reference store with a slow bus', {
  options: { deliver: (run) => void setImmediate(run) },
})
