import { describeBusy } from '@shelflife/test-servers/describe-busy'
import { Redis } from 'ioredis'

import { ioredisStore } from '../../src/index.ts'

describeBusy('ioredis', {
  open: ioredisStore,
  async bare(url) {
    const redis = new Redis(url)
    await redis.ping()
    return {
      get: (key) => redis.get(key),
      set: (key, value) => redis.set(key, value),
      unlink: (key) => redis.unlink(key),
      close: () => redis.disconnect(),
    }
  },
  process: new URL('../children/busy-process.ts', import.meta.url),
  scale: 'most',
})
