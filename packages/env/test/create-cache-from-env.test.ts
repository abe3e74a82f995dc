import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { upstashFront } from '@shelflife/conformance/upstash'
import type { Cache } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { inspect } from '@shelflife/core/inspect'
import { jsonCodec } from '@shelflife/core/protocol'
import type { EnvCacheOptions } from '@shelflife/env'
import { createCacheFromEnv } from '@shelflife/env'
import { startCluster, startRedis, startSentinel } from '@shelflife/test-servers'
import { afterEach, describe, expect, test, vi } from 'vitest'

const SECRET = 'hunter2'
const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const one of open.splice(0).toReversed()) await (one.close ?? one.stop)?.()
})

/** What ends with the test. */
async function ending<T extends { close?(): Promise<void>; stop?(): Promise<void> }>(made: Promise<T>): Promise<T> {
  const one = await made
  open.push(one)
  return one
}

const from = (env: Record<string, unknown>, options: EnvCacheOptions = { namespace: 'shop' }): Promise<Cache> =>
  ending(createCacheFromEnv({ ...options, env }))

const kinds = (cache: Cache): (string | undefined)[] => cache.health().stores.map(({ kind, label }) => label ?? kind)

async function refusalOf(env: Record<string, unknown>, options?: EnvCacheOptions): Promise<string> {
  const error: unknown = await from(env, options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ShelflifeError)
  expect(error).toMatchObject({ code: 'invalid-option' })
  const { message, stack, cause } = error as Error
  expect(`${message} ${stack} ${String(cause)}`).not.toContain(SECRET)
  return message
}

describe('one URL chooses the stores', () => {
  test('none, or memory:, is memory', async () => {
    expect(kinds(await from({}))).toEqual(['local'])
    expect(kinds(await from({ SHELFLIFE_URL: 'memory:' }))).toEqual(['local'])
    expect(kinds(await from({ SHELFLIFE_URL: '' }))).toEqual(['local'])
  })

  /** That the cache stores what it loads in the store of the URL. */
  async function works(env: Record<string, unknown>, label: string): Promise<void> {
    const all = { SHELFLIFE_READ_BUDGET: '10s', SHELFLIFE_WRITE_BUDGET: '10s', ...env }
    const [one, other] = [await from(all), await from({ ...all, SHELFLIFE_LOCAL: 'off' })]
    expect(kinds(one)).toEqual(['local', label])
    expect(kinds(other)).toEqual([label])
    // a Cluster may not be ready when its nodes answer
    await vi.waitFor(async () => {
      await one.set('key', 'value')
      expect(await other.get('key')).toBe('value')
    }, 15_000)
  }

  test('redis:// is one server', async () => {
    const { url } = await ending(startRedis({ acl: [`app on >${SECRET} ~* &* +@all`] }))
    await works({ SHELFLIFE_URL: url.replace('://', `://app:${SECRET}@`) }, 'ioredis')
  })

  test('redis+cluster:// is a Cluster', async () => {
    const { nodes } = await ending(startCluster())
    const hosts = nodes.map(({ url }) => new URL(url).host).join(',')
    await works({ SHELFLIFE_URL: `redis+cluster://${hosts}` }, 'ioredis')
  })

  test('redis+sentinel:// is found through Sentinels', async () => {
    const sentinel = await ending(startSentinel())
    const hosts = sentinel.sentinels.map(({ host, port }) => `${host}:${port}`).join(',')
    await works({ SHELFLIFE_URL: `redis+sentinel://${hosts}/${sentinel.name}` }, 'ioredis')
  })

  test('https:// is Upstash, under either name', async () => {
    const server = await ending(startRedis())
    const { url, token } = await ending(upstashFront({ redis: server.url }))
    await works({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }, 'upstash')
    await works({ SHELFLIFE_URL: url, UPSTASH_REDIS_REST_TOKEN: token }, 'upstash')
    await works({ SHELFLIFE_URL: url, SHELFLIFE_TOKEN: token }, 'upstash')
  })

  test('sqlite:// is a file of this machine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shelflife-env-'))
    open.push({ stop: async () => rmSync(folder, { recursive: true }) })
    await works({ SHELFLIFE_URL: `sqlite://${folder}/a%20b.db` }, 'sqlite')
    expect(existsSync(join(folder, 'a b.db'))).toBe(true)
    expect(await refusalOf({ SHELFLIFE_URL: `sqlite://${folder}/c.db`, SHELFLIFE_PREFIX: 'shop' })).toBe(
      'SHELFLIFE_PREFIX is of Redis, and SHELFLIFE_URL is none; take redis://, rediss:// or https://',
    )
  })

  test('REDIS_URL, which hosts of Redis set, is one server as well; SHELFLIFE_URL goes before it', async () => {
    const { url } = await ending(startRedis())
    await works({ REDIS_URL: url }, 'ioredis')
    expect(kinds(await from({ REDIS_URL: url, SHELFLIFE_URL: 'memory:' }))).toEqual(['local'])
  })

  test.each(['SHELFLIFE', 'SHELFLIFE_API', 'SHELFLIFE_REDIS', 'SHELFLIFE_URL', 'SHELFLIFE_READ_2'])(
    'what an orchestrator sets beside a service called %s breaks nothing',
    async (service) => {
      const env = {
        [`${service}_SERVICE_HOST`]: '10.0.0.1',
        [`${service}_SERVICE_PORT`]: '80',
        [`${service}_SERVICE_PORT_HTTP`]: '80',
        [`${service}_PORT`]: 'tcp://10.0.0.1:80',
        [`${service}_PORT_80_TCP`]: 'tcp://10.0.0.1:80',
        [`${service}_PORT_80_TCP_PROTO`]: 'tcp',
        [`${service}_PORT_80_TCP_PORT`]: '80',
        [`${service}_PORT_80_TCP_ADDR`]: '10.0.0.1',
      }
      expect(kinds(await from(env))).toEqual(['local'])
    },
  )

  test('SHELFLIFE_URL goes before what Upstash sets', async () => {
    const env = { UPSTASH_REDIS_REST_URL: 'https://name.upstash.io', UPSTASH_REDIS_REST_TOKEN: SECRET }
    expect(kinds(await from({ ...env, SHELFLIFE_URL: 'memory:' }))).toEqual(['local'])
  })

  test.each([
    'nonsense',
    SECRET,
    `http://user:${SECRET}@example.org`,
    'redis://',
    `redis://user:${SECRET}#x@host`,
    `redis://user:${SECRET}%@host`,
    `redis://user:${SECRET}@host/main`,
    `redis://user:${SECRET}@host?db=`,
    `redis://user:${SECRET}@host/1?db=1`,
    `redis://user:${SECRET}@host?db=0&db=1`,
    `rediss://user:${SECRET}@host?tls=true&tls=false`,
    `redis://host#${SECRET}`,
    `https://${SECRET}@name.upstash.io`,
    `https://name.upstash.io?token=${SECRET}`,
    `https://name.upstash.io#${SECRET}`,
    `https://name.upstash.io/${SECRET}`,
    `redis+cluster://user:${SECRET}@host?tls=true&tls=false`,
    `redis+sentinel://user:${SECRET}@host/main?db=0&db=1`,
    `redis+cluster://user:${SECRET}@host:port`,
    `redis+cluster://user:${SECRET}@host:1/2`,
    `redis+sentinel://:${SECRET}@host:1`,
    `redis+sentinel://:${SECRET}@host:1/main?database=1`,
    `redis+sentinel://:${SECRET}@host:1/main?db=x`,
    `redis+sentinel://:${SECRET}@host:1/main?tls=maybe`,
    `redis+cluster://:${SECRET}%@host:1`,
    'sqlite:',
    `sqlite://${SECRET}@host/file`,
    `sqlite:///${SECRET}.db?mode=ro`,
    `sqlite:///${SECRET}%.db`,
  ])('%s is refused', async (url) => {
    expect(await refusalOf({ SHELFLIFE_URL: url, UPSTASH_REDIS_REST_TOKEN: SECRET })).toMatch(/^SHELFLIFE_URL must be /)
  })
})

describe('what is wrong is told by the name of the variable and what is allowed', () => {
  test.each([
    [{ SHELFLIFE_PRESET: SECRET }, 'SHELFLIFE_PRESET must be one of development, test, web, api, realtime, edge'],
    [{ SHELFLIFE_NAMESPACE: `${SECRET} !` }, 'SHELFLIFE_NAMESPACE must be letters'],
    [{ SHELFLIFE_LOCAL: SECRET }, 'SHELFLIFE_LOCAL must be one of on, off'],
    [{ SHELFLIFE_MAX_ENTRIES: SECRET }, 'SHELFLIFE_MAX_ENTRIES must be a whole number from 1'],
    [{ SHELFLIFE_MAX_BYTES: '0' }, 'SHELFLIFE_MAX_BYTES must be a whole number from 1'],
    [{ SHELFLIFE_TTL_DYNAMIC: SECRET }, 'SHELFLIFE_TTL_DYNAMIC must be a number of milliseconds or text'],
    [{ SHELFLIFE_HARD_TIMEOUT: '0' }, 'SHELFLIFE_HARD_TIMEOUT must be a number of milliseconds or text'],
    [{ SHELFLIFE_KEY_SECRET: SECRET }, 'SHELFLIFE_KEY_SECRET must be at least 16 characters'],
    [{ SHELFLIFE_PREFIX: `${SECRET}!` }, 'SHELFLIFE_PREFIX must be 1 to 64'],
    [{ SHELFLIFE_STAMPEDE: SECRET }, 'SHELFLIFE_STAMPEDE must be one of lease, local'],
    [{ SHELFLIFE_TTL: SECRET }, 'SHELFLIFE_TTL is not a variable of Shelflife; there are SHELFLIFE_URL, '],
  ])('%j', async (env, message) => {
    expect(await refusalOf(env)).toMatch(new RegExp(`^${message}`))
  })

  test('a namespace is needed', async () => {
    expect(await refusalOf({}, {})).toMatch(/^SHELFLIFE_NAMESPACE must be set/)
  })
})

describe('what contradicts something else is told', () => {
  const upstash = { UPSTASH_REDIS_REST_URL: 'https://name.upstash.io', UPSTASH_REDIS_REST_TOKEN: SECRET }

  test.each([
    [{ SHELFLIFE_LOCAL: 'off' }, 'SHELFLIFE_LOCAL is off'],
    [{ ...upstash, SHELFLIFE_LOCAL: 'off', SHELFLIFE_MAX_BYTES: '10' }, 'SHELFLIFE_MAX_BYTES is of the local store'],
    [{ SHELFLIFE_URL: 'memory:', SHELFLIFE_LEASE: '1s' }, 'SHELFLIFE_LEASE is of a remote store'],
    [{ SHELFLIFE_KEY_SECRET: `${SECRET}${SECRET}${SECRET}` }, 'SHELFLIFE_KEY_SECRET is of a remote store'],
    [{ SHELFLIFE_URL: 'redis://localhost', SHELFLIFE_STAMPEDE: 'local' }, 'SHELFLIFE_STAMPEDE is of Upstash'],
    [{ SHELFLIFE_URL: 'redis://localhost', SHELFLIFE_TOKEN: SECRET }, 'SHELFLIFE_TOKEN is of Upstash'],
    [{ UPSTASH_REDIS_REST_TOKEN: SECRET }, 'UPSTASH_REDIS_REST_TOKEN is set and neither SHELFLIFE_URL nor'],
    [{ SHELFLIFE_TOKEN: SECRET }, 'SHELFLIFE_TOKEN is set and neither SHELFLIFE_URL nor'],
    [{ REDIS_URL: `http://u:${SECRET}@h` }, 'REDIS_URL must be one of'],
    [
      { UPSTASH_REDIS_REST_URL: 'https://name.upstash.io' },
      'UPSTASH_REDIS_REST_URL is the URL .* SHELFLIFE_TOKEN or UPSTASH_REDIS_REST_TOKEN',
    ],
    [{ ...upstash, UPSTASH_REDIS_REST_URL: 'https://x' }, 'UPSTASH_REDIS_REST_URL must be the REST URL'],
    [{ UPSTASH_REDIS_REST_URL: 'redis://localhost' }, 'UPSTASH_REDIS_REST_URL must be the REST URL'],
    [{ SHELFLIFE_URL: 'redis://h', SHELFLIFE_LOCAL: 'off', SHELFLIFE_MAX_DRIFT: '1s' }, 'SHELFLIFE_MAX_DRIFT is of a'],
    [
      { SHELFLIFE_URL: 'sqlite:a.db', SHELFLIFE_LOCAL: 'off', SHELFLIFE_PARTITION_TTL: '1s' },
      'SHELFLIFE_PARTITION_TTL is',
    ],
    [
      { SHELFLIFE_SOFT_TIMEOUT: '2s', SHELFLIFE_HARD_TIMEOUT: '1500' },
      'SHELFLIFE_SOFT_TIMEOUT is not shorter than SHELF',
    ],
    [{ SHELFLIFE_SOFT_TIMEOUT: '1m' }, 'SHELFLIFE_SOFT_TIMEOUT is not shorter than SHELF'],
    [{ SHELFLIFE_PORT: '6380' }, 'SHELFLIFE_PORT is not a variable of Shelflife'],
    [{ SHELFLIFE_REDIS_PORT: '6380' }, 'SHELFLIFE_REDIS_PORT is not a variable of Shelflife'],
    [{ SHELFLIFE_REDIS_HOST: 'redis' }, 'SHELFLIFE_REDIS_HOST is not a variable of Shelflife'],
    [{ ...upstash, SHELFLIFE_URL: 'https://other.upstash.io' }, 'SHELFLIFE_URL is another database'],
  ])('%j', async (env, message) => {
    expect(await refusalOf(env)).toMatch(new RegExp(`^${message}`))
  })
})

describe('presets', () => {
  const ttlOf = async (env: Record<string, string>): Promise<number> => {
    const cache = await from({ SHELFLIFE_NAMESPACE: 'ttl', ...env })
    const keys: string[] = []
    cache.on('commit', ({ key }) => void keys.push(key))
    await cache.set('key', 1, { tier: 'dynamic' })
    return Number((await inspect(cache, String(keys[0])))?.freshFor)
  }

  test.each(['development', 'test', 'web', 'api', 'realtime', 'edge'])('%s makes a cache', async (preset) => {
    expect(kinds(await from({ SHELFLIFE_PRESET: preset }))).toEqual(['local'])
  })

  test('set lifetimes, which the program changes and single variables more so', async () => {
    const minute = 60_000
    expect(await ttlOf({ SHELFLIFE_PRESET: 'test' })).toBeGreaterThan(0.95 * minute)
    expect(await ttlOf({ SHELFLIFE_PRESET: 'development' })).toBeLessThanOrEqual(5000)
    expect(await ttlOf({ SHELFLIFE_PRESET: 'development', SHELFLIFE_TTL_DYNAMIC: '1h' })).toBeGreaterThan(50 * minute)
  })

  test('set sizes, which single variables change', async () => {
    const cache = await from({ SHELFLIFE_PRESET: 'edge', SHELFLIFE_MAX_ENTRIES: '10' })
    for (let i = 0; i < 100; i++) await cache.set(i, i)
    expect(cache.health().stores[0]?.entries).toBe(10)
  })

  test('set budgets', async () => {
    const server = await ending(startRedis())
    const cache = await from({ SHELFLIFE_PRESET: 'api', SHELFLIFE_URL: server.url, SHELFLIFE_READ_BUDGET: '321ms' })
    await vi.waitFor(() => expect(cache.health().stores[1]?.bus).toBe('complete'))
    const messages: string[] = []
    cache.on('storeError', ({ error }) => void messages.push((error as Error).message))
    server.pause()
    await cache.get('key')
    server.resume()
    expect(messages[0]).toContain('within 321 ms')
  })
})

test('variables are those of the process where no others are given', async () => {
  vi.stubEnv('SHELFLIFE_NAMESPACE', 'from-the-process')
  const cache = await ending(createCacheFromEnv())
  const keys: string[] = []
  cache.on('miss', ({ key }) => void keys.push(key))
  await cache.get('key')
  expect(keys[0]).toMatch(/^from-the-process\//)
})

test('what is no text, such as a binding of a Worker, is not looked at', async () => {
  expect(kinds(await from({ SHELFLIFE_KV: { get() {} }, SHELFLIFE_URL: undefined }))).toEqual(['local'])
})

test('tiers of the program are known by name', async () => {
  const cache = await ending(
    createCacheFromEnv({ namespace: 'shop', env: {}, tiers: { quotes: { extends: 'realtime', ttl: '200ms' } } }),
  )
  await cache.set('key', 1, { tier: 'quotes' })
  expect(await cache.get('key')).toBe(1)
})

test('a tier of the program has no jitter in the preset for tests, unless it says so', async () => {
  const tiers = {
    plain: { ttl: 1000 },
    like: { extends: 'dynamic', ttl: 1000 },
    odd: { ttl: 1000, jitter: 0.5 },
  } as const
  const options = { namespace: 'jitter', env: { SHELFLIFE_PRESET: 'test' }, tiers }
  const cache = await ending(createCacheFromEnv(options))
  const freshFor = async (tier: keyof typeof tiers, key: number): Promise<number> => {
    await cache.set(key, 1, { tier })
    return Number((await inspect(cache, `jitter/(${key})`))?.freshFor)
  }
  const all = async (tier: keyof typeof tiers) => Promise.all(Array.from({ length: 20 }, (_, i) => freshFor(tier, i)))
  expect(Math.min(...(await all('plain')), ...(await all('like')))).toBeGreaterThan(900)
  expect(Math.min(...(await all('odd')))).toBeLessThan(900)
})

test.each([['store'], ['foo'], ['maxDrift']])('an option that does nothing here is refused: %s', async (name) => {
  const options = { namespace: 'shop', env: {}, [name]: 1 }
  await expect(createCacheFromEnv(options)).rejects.toMatchObject({ code: 'invalid-option' })
})

test.each([[{ env: null }], [{ env: 5 }], [{ env: {}, tiers: null }], [{ env: {}, tiers: new Map() }]])(
  'an option of another type is refused: %j',
  async (options) => {
    const wrong = { namespace: 'shop', ...options } as never
    await expect(createCacheFromEnv(wrong)).rejects.toMatchObject({ code: 'invalid-option' })
  },
)

test('a mistake of the program leaves no connection open', async () => {
  await expect(
    createCacheFromEnv({
      namespace: 'shop',
      env: { SHELFLIFE_URL: 'redis://127.0.0.1:1' },
      codec: { ...jsonCodec, id: 0 },
    }),
  ).rejects.toThrow('codec.id')
})
