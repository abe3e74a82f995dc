import { setTimeout as sleep } from 'node:timers/promises'
import type { Duration } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { serve, setup, tell } from './serve.ts'
import type { StoreSetup } from './store-setup.ts'
import { storesOf } from './store-setup.ts'

export interface CallersSetup extends StoreSetup {
  readonly lease?: Duration
}

export interface CallersRequest {
  readonly key: string
  readonly callers: number
  readonly load: number
}

export interface CallersResult {
  /** Milliseconds that each caller waited. */
  readonly waits: readonly number[]
  readonly values: readonly string[]
}

const { lease, ...stores } = setup<CallersSetup>()
const cache = createCache({ namespace: 'p2', store: storesOf(stores), ...(lease !== undefined && { lease }) })

const get = cache.cached(
  async (key: string, load: number) => {
    tell({ load: key })
    await sleep(load)
    return `${key} of ${process.pid}`
  },
  { name: 'cold', tier: 'semiStatic', key: (key) => key },
)

serve({
  async warmUp() {
    await get(`warm-up of ${process.pid}`, 0)
  },
  async callers({ key, callers, load }: CallersRequest): Promise<CallersResult> {
    const waits: number[] = []
    async function call(): Promise<string> {
      const at = performance.now()
      const value = await get(key, load)
      waits.push(performance.now() - at)
      return value
    }
    const values = await Promise.all(Array.from({ length: callers }, call))
    return { waits, values: [...new Set(values)] }
  },
})
