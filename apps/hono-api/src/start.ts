import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { createApp } from './app.ts'
import { openArticles } from './articles.ts'

const { ADMIN_TOKEN, PORT = '3000' } = process.env

const cache = createCache({ namespace: 'blog', store: memoryStore(), logger: console })
const app = createApp({ cache, articles: openArticles(), adminToken: ADMIN_TOKEN })
const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`articles at http://127.0.0.1:${port}`)
})

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])

// First the requests that are running, then what they use.
await new Promise((resolve) => server.close(resolve))
await cache.close()
