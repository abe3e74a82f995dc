import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { createApp } from './app.ts'
import { openCatalogue } from './catalogue.ts'

const { ADMIN_TOKEN, DATABASE = 'catalogue.sqlite', PORT = '3000', REDIS_URL } = process.env

const cache = createCache({
  namespace: 'catalogue',
  store: REDIS_URL ? [memoryStore(), ioredisStore(REDIS_URL)] : memoryStore(),
  logger: console,
})
const catalogue = openCatalogue(DATABASE, cache)
const server = createApp({ cache, catalogue, adminToken: ADMIN_TOKEN }).listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')
console.log(`catalogue at http://127.0.0.1:${(server.address() as AddressInfo).port}/products`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])

// First the requests that are running, then what they use.
await new Promise((resolve) => server.close(resolve))
await cache.close()
catalogue.close()
