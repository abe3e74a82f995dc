import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { startSentinel } from '@shelflife/test-servers'
import { afterAll } from 'vitest'

const sentinel = await startSentinel()
afterAll(() => sentinel.stop())

describeStore('ioredis with Sentinel', {
  connect: async () => ioredisStore({ sentinels: [...sentinel.sentinels], name: sentinel.name }),
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
  loseBus: 'the way to the server cannot be cut here',
})
