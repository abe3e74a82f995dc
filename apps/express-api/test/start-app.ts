import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type CacheOptions, createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'
import { openCatalogue } from '../src/catalogue.ts'

export const adminToken = 'a-token-of-more-than-thirty-two-characters'

/** Starts the service on a free port, with products of its own. `sent` are the answers so far, as the server saw them. */
export async function startApp(options: Pick<CacheOptions, 'clock' | 'guard'> = {}) {
  const cache = createCache({ namespace: 'catalogue', store: memoryStore(), ...options })
  const catalogue = openCatalogue(':memory:', cache)
  const server = createApp({ cache, catalogue, adminToken }).listen(0, '127.0.0.1')
  const sent: { path: string; asked: string | undefined; status: number }[] = []
  server.prependListener('request', (req, res) => {
    res.on('finish', () =>
      sent.push({ path: req.url ?? '', asked: req.headers['if-none-match'], status: res.statusCode }),
    )
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await cache.close()
    catalogue.close()
  })
  await once(server, 'listening')
  return { cache, catalogue, sent, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export function json(method: 'POST' | 'PUT', body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
