import { ioredisStore } from '@shelflife/ioredis'
import { describeBusy, REST_TOKEN as token } from '@shelflife/test-servers/describe-busy'
import { Redis } from '@upstash/redis'

import { upstashStore } from '../../src/index.ts'

describeBusy('upstash', {
  open: (url, options) => upstashStore({ url, token }, options),
  besides: ioredisStore,
  async bare(url) {
    // it sends what one turn asks in one request
    const redis = new Redis({ url, token })
    return {
      get: (key) => redis.get(key),
      set: (key, value) => redis.set(key, value),
      unlink: (key) => redis.unlink(key),
      close: () => {},
    }
  },
  process: new URL('../children/busy-process.ts', import.meta.url),
  scale: 'http',
  isRest: true,
})
