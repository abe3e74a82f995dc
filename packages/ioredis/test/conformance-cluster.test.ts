import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { startCluster } from '@shelflife/test-servers'
import { afterAll } from 'vitest'

const cluster = await startCluster()
afterAll(() => cluster.stop())

describeStore('ioredis on a Cluster', {
  connect: async () => ioredisStore({ nodes: cluster.rootNodes }),
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
  loseBus: 'the way to the server cannot be cut here',
})
