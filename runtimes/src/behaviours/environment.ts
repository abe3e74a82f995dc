import { ShelflifeError } from '@shelflife/core'
import { createCacheFromEnv } from '@shelflife/env'

import type { Behaviour } from '../behaviour.ts'
import { expectSame } from '../behaviour.ts'

/** Env. */
export const environment: readonly Behaviour[] = [
  {
    title: 'the environment chooses memory, or memory in front of Upstash',
    async run({ url, token }) {
      const memory = await createCacheFromEnv({ namespace: 'env', env: { SHELFLIFE_PRESET: 'edge' } })
      expectSame(memory.health().stores.length, 1, 'the number of stores')
      await memory.close()

      const env = { SHELFLIFE_PRESET: 'test', UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }
      const namespace = `n-${crypto.randomUUID()}`
      const [one, other] = [await createCacheFromEnv({ namespace, env }), await createCacheFromEnv({ namespace, env })]
      await one.set('key', new Date(5))
      const found = await other.get('key')
      expectSame(found instanceof Date && found.getTime(), 5)
      await Promise.all([one.close(), other.close()])
    },
  },
  {
    title: 'what the environment says wrong is refused by the name of the variable',
    async run() {
      const error: unknown = await createCacheFromEnv({ namespace: 'env', env: { SHELFLIFE_PRESET: 'secret' } }).catch(
        (reason: unknown) => reason,
      )
      const message = error instanceof ShelflifeError ? error.message : ''
      expectSame([message.startsWith('SHELFLIFE_PRESET must be'), message.includes('secret')], [true, false])
    },
  },
]
