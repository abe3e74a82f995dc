import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { MAX_DRIFT } from './limits.ts'
import { createRandom } from './random.ts'
import { createServiceApp } from './service-app.ts'
import type { ServiceMessage, ServiceSetup } from './service-process.ts'

/** One process of the service. Serves until it is told to stop, then has to end by itself. */
const { url, seed, isSaboteur } = JSON.parse(process.argv[2] ?? '') as ServiceSetup
const SABOTAGE = 0.3

const cache = createCache({ namespace: 'service', store: [memoryStore(), ioredisStore(url)], maxDrift: MAX_DRIFT })
const random = createRandom(seed)
const counts = { loads: 0, 'store errors': 0, 'breaker openings': 0, 'gaps noticed': 0, 'invalidations queued': 0 }
const send = (message: ServiceMessage): void => void process.send?.(message)
const sendError = (error: unknown): void =>
  send({ error: error instanceof Error ? String(error.stack) : String(error) })

cache.on('storeError', () => counts['store errors']++)
cache.on('breaker', ({ state }) => state === 'open' && counts['breaker openings']++)
cache.on('gap', () => counts['gaps noticed']++)
for (const type of ['invalidate', 'invalidateTags'] as const) {
  cache.on(type, ({ remote }) => remote === 'queued' && counts['invalidations queued']++)
}
cache.on('backgroundError', ({ error }) => sendError(error))
process.on('unhandledRejection', sendError)

const app = createServiceApp({
  cache,
  loaded: () => counts.loads++,
  skips: () => isSaboteur && random.chance(SABOTAGE),
})
const server = app.listen(0, '127.0.0.1')
// those who ask come back, and whoever writes to a connection that is being closed for its idleness loses that
server.keepAliveTimeout = 0
await once(server, 'listening')
send({ port: (server.address() as AddressInfo).port })

async function stop(): Promise<void> {
  server.close()
  server.closeAllConnections()
  await cache.close()
  process.send?.({ counts } satisfies ServiceMessage, () => process.disconnect())
}

process.once('message', () => void stop())
