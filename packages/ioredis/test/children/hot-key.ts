import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from '@shelflife/core'
import { Redis } from 'ioredis'
import { machineTime, serve, setup, tell } from './serve.ts'
import type { StoreSetup } from './store-setup.ts'
import { storesOf } from './store-setup.ts'

export interface HotKeySetup extends StoreSetup {
  readonly ttl: number
  readonly load: number
}

export interface HotKeyRequest {
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
}

export interface HotKeyResult {
  /** Milliseconds that each request took. */
  readonly durations: readonly number[]
  /** What a bare PING took in between: how busy the machine was. */
  readonly pings: readonly number[]
  readonly errors: readonly string[]
}

const { ttl, load, ...stores } = setup<HotKeySetup>()
const cache = createCache({ namespace: 'hot', store: storesOf(stores) })

const get = cache.cached(
  async (key: string) => {
    const from = machineTime()
    await sleep(load)
    tell({ key, from, to: machineTime() })
    return { key, text: 'a product, or whatever everybody wants' }
  },
  { name: 'hot', ttl, jitter: 0, staleWhileRevalidate: '1s' },
)

const redis = new Redis(stores.url)
/** One PING for so many requests. */
const PING_EVERY = 4

async function timed(work: () => Promise<unknown>): Promise<number> {
  const at = performance.now()
  await work()
  return performance.now() - at
}

serve({
  get: (key: string) => get(key),
  async requests({ rate, seconds }: HotKeyRequest): Promise<HotKeyResult> {
    const durations: number[] = []
    const pings: number[] = []
    const errors: string[] = []
    const failed = (error: unknown): void => void errors.push(String(error))
    const request = async (): Promise<void> => void durations.push(await timed(() => get('hot')))
    const ping = async (): Promise<void> => void pings.push(await timed(() => redis.ping()))
    const from = performance.now()
    const running: Promise<void>[] = []
    for (let i = 0; i < rate * seconds; i++) {
      const wait = from + (i * 1000) / rate - performance.now()
      if (wait > 0) await sleep(wait)
      running.push(request().catch(failed))
      if (i % PING_EVERY === 0) running.push(ping().catch(failed))
    }
    await Promise.all(running)
    return { durations, pings, errors }
  },
})
