import type { ReferenceServer, ReferenceStore } from '@shelflife/conformance'
import { createReferenceServer, describeStore, fakeClock } from '@shelflife/conformance'

import { BROKEN_STORES } from './broken-stores.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

for (const [name, { change }] of Object.entries(BROKEN_STORES)) {
  const clock = fakeClock()
  const server: ReferenceServer = createReferenceServer({ clock })
  const whole = new Map<unknown, ReferenceStore>()

  describeStore(name, {
    async connect() {
      const store = server.connect()
      const broken = { ...store, ...change(store, server) }
      whole.set(broken, store)
      return broken
    },
    time: {
      clock,
      async advance(ms) {
        clock.advance(ms)
        await turn()
      },
      patience: 3_600_000,
    },
    loseBus: (store) => whole.get(store)?.disconnectBus(),
    restoreBus: (store) => whole.get(store)?.reconnectBus(),
    snapshot: server.snapshot,
    size: () => server.records.size + server.fences.size + server.tags.size,
  })
}
