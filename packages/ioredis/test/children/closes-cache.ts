import { createCache } from '@shelflife/core'

import { setup } from './serve.ts'
import type { StoreSetup } from './store-setup.ts'
import { storesOf } from './store-setup.ts'

/** Reads, invalidates and closes the cache; must then end by itself. */
const cache = createCache({ namespace: 'closes', store: storesOf(setup<StoreSetup>()) })
const get = cache.cached(async (id: number) => id, { name: 'value', tags: ['tag'] })
await Promise.all(Array.from({ length: 20 }, (_, id) => get(id)))
await get.invalidate(1)
await cache.invalidateTags(['tag'])
await get(1)
await cache.close()
process.stdout.write('closed')
