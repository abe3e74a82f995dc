import { describeBusy } from '@shelflife/test-servers/describe-busy'
import { createClient } from 'redis'

import { nodeRedisStore } from '../../src/index.ts'

describeBusy('node-redis', {
  open: nodeRedisStore,
  async bare(url) {
    const redis = createClient({ url })
    redis.on('error', () => {})
    await redis.connect()
    return {
      get: (key) => redis.get(key),
      set: (key, value) => redis.set(key, value),
      unlink: (key) => redis.unlink(key),
      close: () => redis.destroy(),
    }
  },
  process: new URL('../children/busy-process.ts', import.meta.url),
  scale: 'some',
})
