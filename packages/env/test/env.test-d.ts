import type { Cache, DefaultTier } from '@shelflife/core'
import { createCacheFromEnv } from '@shelflife/env'
import { expectTypeOf, test } from 'vitest'

test('names of tiers are known', () => {
  expectTypeOf(createCacheFromEnv()).resolves.toEqualTypeOf<Cache<DefaultTier>>()
  const own = () => createCacheFromEnv({ tiers: { quotes: { ttl: '1s' } } })
  expectTypeOf(own).returns.resolves.toEqualTypeOf<Cache<DefaultTier | 'quotes'>>()
})

test('what the environment says is not for the program to say', () => {
  // @ts-expect-error the stores are chosen by SHELFLIFE_URL
  void createCacheFromEnv({ store: undefined })
})
