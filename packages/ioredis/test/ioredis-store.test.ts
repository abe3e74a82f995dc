import { createCache, ShelflifeError } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { parseRedisUrl } from '@shelflife/redis'
import { describeTargets } from '@shelflife/test-servers/describe-options'
import { describeWrongPassword } from '@shelflife/test-servers/describe-wrong-password'
import { Cluster, Redis } from 'ioredis'
import { inspect } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'

function refusalOf(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(ShelflifeError)
    expect(error).toMatchObject({ code: 'invalid-option' })
    expect(error).not.toHaveProperty('cause')
    return (error as Error).message
  }
  throw new Error('it was not refused')
}

test.each([
  ['', 'an empty one'],
  ['localhost', 'not a URL'],
  ['localhost:6379', 'another scheme'],
  ['http://user:hunter2@localhost', 'another scheme'],
  ['redis://user:hunter2@localhost:notaport', 'not a URL'],
  ['redis://user:hunter2%@localhost', '%25'],
  ['redis:///2', 'without a host'],
  ['redis://u:hunter2@localhost/main', 'database'],
  ['redis://u:hunter2@localhost/2?db=3', 'two databases'],
  ['redis://u:hunter2@localhost/2?db=2', 'two databases'],
  ['redis://u:hunter2@localhost?db=', 'no number'],
  ['redis://u:hunter2@localhost?db=0&db=1', 'twice'],
  ['redis://u:hunter2@localhost?tls=true&tls=false', 'twice'],
  ['redis://localhost#hunter2', '%23'],
  ['redis://u:hunter2#x@localhost', 'not a URL'],
  ['redis://hunter2#x@localhost', '%23'],
  ['redis://u:hunter2@localhost?tls=yes', 'tls'],
  ['redis://localhost?password=hunter2', 'a parameter other than db and tls'],
  ['redis://localhost?enableOfflineQueue=false', 'a parameter other than db and tls'],
])('the URL %j is refused without a word of its password', (url, message) => {
  for (const target of [url, { nodes: [url] }]) {
    const refusal = refusalOf(() => ioredisStore(target))
    expect(refusal).toContain(message)
    expect(refusal).not.toContain('hunter2')
  }
})

test.each([' ', '\t', '\n'])(
  'white space (%j) around a URL, as secret files have it, shows nobody its password',
  async (space) => {
    const store = ioredisStore(`${space}redis://u:hunter2@127.0.0.1:1${space}`)
    const cache = createCache({ namespace: 'secrets', store })
    onTestFinished(() => cache.close())
    const seen: unknown[] = []
    cache.on('storeError', (event) => void seen.push(event))
    await cache.get('x')
    const [health] = cache.health().stores
    expect(health?.lastError?.message).toContain('ECONNREFUSED')
    expect(inspect([seen, health], { depth: 10 })).not.toContain('hunter2')
  },
)

test.each([
  ['redis://u:p@h:7/3', { host: 'h', port: 7, db: 3, access: { username: 'u', password: 'p' } }],
  ['rediss://h?db=2', { host: 'h', port: 6379, db: 2, access: { tls: {} } }],
  ['redis://[::1]?tls=true', { host: '::1', port: 6379, db: 0, access: { tls: {} } }],
  ['rediss://h?tls=false', { host: 'h', port: 6379, db: 0, access: {} }],
])('%s says where the server is', (url, expected) => {
  expect(parseRedisUrl(url)).toEqual(expected)
})

describeTargets(
  (target) => ioredisStore(target),
  [
    { nodes: [6379] },
    { nodes: [null] },
    { nodes: [['redis://localhost']] },
    { nodes: new Set(['redis://localhost']) },
    { nodes: ['redis://localhost'], options: null },
    { sentinels: 'sentinel', name: 'main' },
  ],
)

test('a URL may be an object', async () => {
  expect(refusalOf(() => ioredisStore({ nodes: [new URL('http://localhost')] }))).toContain('another scheme')
  const cache = createCache({ namespace: 'urls', store: ioredisStore(new URL('redis://:hunter2@127.0.0.1:1/2')) })
  onTestFinished(() => cache.close())
  const messages: string[] = []
  cache.on('storeError', ({ error }) => void messages.push((error as Error).message))
  await vi.waitFor(async () => {
    await cache.get('x')
    expect(messages.join()).toContain('127.0.0.1:1')
  })
})

test.each(['u:hunter2@h', '//u:hunter2@h', 'redis://hunter2@h', 'h/hunter2', 5])(
  'what is no name of a host is refused, and not shown: %j',
  (host) => {
    for (const target of [{ host }, { nodes: [{ host }] }, { sentinels: [{ host }], name: 'main' }]) {
      const refusal = refusalOf(() => ioredisStore(target as never))
      expect(refusal).toContain('host must be')
      expect(refusal).not.toContain('hunter2')
    }
  },
)

test('a Cluster without nodes, or with the number of a database, is refused', () => {
  expect(refusalOf(() => ioredisStore({ nodes: [] }))).toContain('nodes')
  expect(refusalOf(() => ioredisStore({ nodes: ['redis://localhost/2'] }))).toContain('without a database')
})

test.each([
  ['keyPrefix', () => new Redis({ lazyConnect: true, keyPrefix: 'app:' })],
  ['keyPrefix', () => new Cluster([7000], { lazyConnect: true, keyPrefix: 'app:' })],
  ['keyPrefix', () => new Cluster([7000], { lazyConnect: true, redisOptions: { keyPrefix: 'app:' } })],
  ['keyPrefix', () => ({ keyPrefix: 'app:' })],
  ['stringNumbers', () => new Redis({ lazyConnect: true, stringNumbers: true })],
  ['stringNumbers', () => new Cluster([7000], { lazyConnect: true, redisOptions: { stringNumbers: true } })],
])('%s is refused', (option, target) => {
  expect(refusalOf(() => ioredisStore(target()))).toContain(option)
})

test('what makes the store refuse its options leaves no connection open', () => {
  expect(refusalOf(() => ioredisStore('redis://localhost:1', { prefix: 'not one!' }))).toContain('prefix')
})

test('a given client that has not been opened is not opened before it is used', async () => {
  const redis = new Redis({ lazyConnect: true, port: 1 })
  const store = ioredisStore(redis)
  expect(redis.status).toBe('wait')
  await store.close()
  expect(redis.status).toBe('wait')
})

test.each([
  [{ url: 'redis://u:hunter2@h' }, 'url, which ioredis does not know'],
  [{ socket: { host: 'h' } }, 'socket, which ioredis does not know'],
  [{ rootNodes: [{ url: 'redis://u:hunter2@h' }] }, 'give { nodes }'],
  [{ sentinelRootNodes: [{ host: 'h', port: 1 }], name: 'main' }, 'give sentinels and name'],
  [{ sentinels: [{ host: 'h', port: 1 }] }, 'name must be that of the master'],
  [{ connect: async () => {}, sendCommand: async () => {} }, 'a client, and not one of ioredis'],
])('what would lead to localhost in silence is refused: %j', (target, message) => {
  const refusal = refusalOf(() => ioredisStore(target as never))
  expect(refusal).toContain(message)
  expect(refusal).not.toContain('hunter2')
})

describeWrongPassword({
  'a URL with user': ({ host, port, password }) => ioredisStore(`redis://app:${password}@${host}:${port}`),
  'a URL without': ({ host, port, password }) => ioredisStore(`redis://:${password}@${host}:${port}`),
  options: (wrong) => ioredisStore({ ...wrong, username: 'app' }),
  'a Cluster': ({ host, port, password }) => ioredisStore({ nodes: [`redis://:${password}@${host}:${port}`] }),
  'a given client'(wrong) {
    const client = new Redis(wrong)
    client.on('error', () => {})
    onTestFinished(() => client.disconnect())
    return ioredisStore(client)
  },
})
