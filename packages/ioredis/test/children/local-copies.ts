import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { machineTime, serve, setup, tell } from './serve.ts'

export interface LocalCopiesSetup {
  readonly url: string
  readonly secret: string
}

export interface Dropped {
  readonly key: string
  readonly at: number
}

const { url, secret } = setup<LocalCopiesSetup>()
const memory = memoryStore()
const local: typeof memory = {
  ...memory,
  delete(key) {
    if (memory.get(key) !== undefined) tell({ key, at: machineTime() } satisfies Dropped)
    memory.delete(key)
  },
}
const cache = createCache({ namespace: 'bus', store: [local, ioredisStore(url)] })
let loads = 0
const get = cache.cached(async (id: number) => ({ id, load: `${process.pid}:${++loads}`, secret }), {
  name: 'copy',
  tier: 'manual',
  tags: (id) => [`copy/${id}`],
})

serve({
  key: (id: number) => get.key(id),
  get: (id: number) => get(id),
  async isLocal(id: number): Promise<boolean> {
    const { store } = await get.read(id)
    return store === 'local'
  },
  async set(id: number): Promise<void> {
    await get.set({ id, load: 'set', secret }, id)
  },
  async expire(id: number): Promise<void> {
    await get.expire(id)
  },
  refresh: (id: number) => get.refresh(id),
  async invalidateTags(id: number): Promise<void> {
    await cache.invalidateTags([`copy/${id}`])
  },
  async clear(): Promise<void> {
    await cache.clear()
  },
  async invalidate(id: number): Promise<{ calledAt: number; remote: string }> {
    const calledAt = machineTime()
    const { remote } = await get.invalidate(id)
    return { calledAt, remote }
  },
})
