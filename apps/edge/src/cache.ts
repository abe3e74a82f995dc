import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { upstashStore } from '@shelflife/upstash'
import { env, waitUntil } from 'cloudflare:workers'

const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = env

/**
 * One for all requests of an isolate. `waitUntil` keeps the request that loads something alive although its client goes
 * away: others may be waiting for it.
 */
export const shop = createCache({
  namespace: 'shop',
  store: [memoryStore({ maxBytes: 16 * 2 ** 20 }), upstashStore({ url, token })],
  waitUntil,
})
