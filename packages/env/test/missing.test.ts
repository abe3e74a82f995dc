import { createCacheFromEnv } from '@shelflife/env'
import { expect, test, vi } from 'vitest'

// as where they are not installed
vi.mock('@shelflife/ioredis', () => Promise.reject(new Error('Cannot find package')))
vi.mock('@shelflife/sqlite', () => Promise.reject(new Error('Cannot find package')))
vi.mock('@shelflife/upstash', () => Promise.reject(new Error('Cannot find package')))

const upstash = { UPSTASH_REDIS_REST_URL: 'https://name.upstash.io', UPSTASH_REDIS_REST_TOKEN: 'hunter2' }

test('a package that is not asked for need not be there', async () => {
  const cache = await createCacheFromEnv({ namespace: 'shop', env: {} })
  expect(await cache.getOrLoad('key', () => 1)).toBe(1)
  await cache.close()
})

test.each([
  [{ SHELFLIFE_URL: 'redis://localhost' }, 'SHELFLIFE_URL .*: npm install @shelflife/ioredis ioredis'],
  [{ SHELFLIFE_URL: 'redis+cluster://localhost' }, 'SHELFLIFE_URL .*: npm install @shelflife/ioredis ioredis'],
  [{ SHELFLIFE_URL: 'sqlite:///tmp/cache.db' }, 'SHELFLIFE_URL .*: npm install @shelflife/sqlite'],
  [upstash, 'UPSTASH_REDIS_REST_URL .*: npm install @shelflife/upstash @upstash/redis'],
])('for %j it says what to install', async (env, message) => {
  await expect(createCacheFromEnv({ namespace: 'shop', env })).rejects.toThrow(new RegExp(message))
})
