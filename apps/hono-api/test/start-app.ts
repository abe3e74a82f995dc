import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { type CacheOptions, createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'
import { openArticles } from '../src/articles.ts'

export const adminToken = 'a-token-of-more-than-thirty-two-characters'

/** Starts the service on a free port, with articles of its own. `sent` are the answers so far, as the server saw them. */
export async function startApp(options: Pick<CacheOptions, 'clock' | 'guard'> = {}) {
  const cache = createCache({ namespace: 'blog', store: memoryStore(), ...options })
  const articles = openArticles()
  const server = createAdaptorServer({ fetch: createApp({ cache, articles, adminToken }).fetch })
  const sent: { path: string; asked: string | undefined; status: number }[] = []
  server.prependListener('request', (req, res) => {
    res.on('finish', () =>
      sent.push({ path: req.url ?? '', asked: req.headers['if-none-match'], status: res.statusCode }),
    )
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
    await cache.close()
  })
  await once(server, 'listening')
  return { cache, articles, sent, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export function json(method: 'POST' | 'PUT', body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
