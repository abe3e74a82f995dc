import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { test } from 'vitest'

import { cachedFetch, createResponseCache } from '../src/index.ts'

const handler = (): Response => new Response('')

test('a tier is one of the cache', () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore(), tiers: { eternal: { ttl: '365d' } } })
  const responses = createResponseCache({ cache })
  cachedFetch(responses, { tier: 'eternal' }, handler)
  cachedFetch(responses, { tier: 'dynamic' }, handler)
  // @ts-expect-error no such tier
  cachedFetch(responses, { tier: 'eternel' }, handler)
})
