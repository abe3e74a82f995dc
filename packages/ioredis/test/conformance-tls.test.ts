import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { startRedis } from '@shelflife/test-servers'
import { afterAll } from 'vitest'

const server = await startRedis({ tls: true })
afterAll(() => server.stop())

describeStore('ioredis with TLS', {
  connect: async () => ioredisStore({ host: server.host, port: server.port, tls: { ca: String(server.ca) } }),
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
})
