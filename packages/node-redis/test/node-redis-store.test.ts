import { ShelflifeError } from '@shelflife/core'
import { nodeRedisStore } from '@shelflife/node-redis'
import { describeOptions, describeTargets } from '@shelflife/test-servers/describe-options'
import { describeWrongPassword } from '@shelflife/test-servers/describe-wrong-password'
import { createClient, createClientPool, createSentinel } from 'redis'
import { expect, test } from 'vitest'

import { readUrl } from '../src/read-url.ts'

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
  '',
  'localhost',
  'localhost:6379',
  'http://user:hunter2@localhost',
  'redis://user:hunter2@localhost:notaport',
  'redis://user:hunter2%@localhost',
  'redis://user:hunter2@localhost/notadatabase',
  'redis:///2',
  'redis://user:hunter2@localhost?foo=bar',
  'redis://user:hunter2@localhost?tls=yes',
  'redis://user:hunter2@localhost?db=x',
  'redis://user:hunter2@localhost?db=',
  'redis://user:hunter2@localhost/1?db=1',
  'redis://user:hunter2@localhost?db=0&db=1',
  'redis://user:hunter2@localhost?tls=true&tls=false',
  'redis://localhost#hunter2',
  'redis://user:hunter2@local host',
])('the URL %j is refused without a word of its password', (url) => {
  for (const target of [url, { url }, { url, socket: { tls: true } as const }]) {
    const refusal = refusalOf(() => nodeRedisStore(target))
    expect(refusal).toContain('the URL must be like redis://localhost:6379, rediss://')
    expect(refusal).toContain('unix:///')
    expect(refusal).not.toContain('hunter2')
  }
})

describeTargets(
  (target) => nodeRedisStore(target),
  [
    { socket: 'localhost' },
    { socket: null },
    { url: 5 },
    { url: ['redis://localhost'] },
    { rootNodes: [null] },
    { rootNodes: ['redis://localhost'] },
    { rootNodes: new Set([{ url: 'redis://localhost' }]) },
    { rootNodes: [{ url: 'redis://localhost' }], defaults: 5 },
  ],
)

test('a URL may be an object', async () => {
  const url = new URL('redis://:hunter2@localhost:7000/2')
  expect(readUrl(url)).toBe(url.href)
  for (const target of [url, { url }, { rootNodes: [{ url }] }]) await nodeRedisStore(target as never).close()
})

test.each(['u:hunter2@h', '//u:hunter2@h', 'redis://hunter2@h', 'h/hunter2', 5])(
  'what is no name of a host is refused, and not shown: %j',
  (host) => {
    const options = { socket: { host } }
    for (const target of [options, { rootNodes: [options] }, { rootNodes: [{}], defaults: options }]) {
      const refusal = refusalOf(() => nodeRedisStore(target as never))
      expect(refusal).toContain('host must be')
      expect(refusal).not.toContain('hunter2')
    }
  },
)

test.each([
  ['\n\t redis://user:hunter2@localhost:7000 \n', 'redis://user:hunter2@localhost:7000/0'],
  [' redis://localhost?db=3&tls=true', 'rediss://localhost/3'],
  ['rediss://localhost/2?tls=false', 'redis://localhost/2'],
  ['rediss://[::1]:7000/2', 'rediss://[::1]:7000/2'],
  [' unix:///tmp/redis.sock\n', 'unix:///tmp/redis.sock'],
])('white space around the URL %j does not count, and its query says db and tls', async (url, read) => {
  expect(readUrl(url)).toBe(read)
  if (url.includes('redis:')) await nodeRedisStore({ rootNodes: [{ url }] }).close()
  await nodeRedisStore(url).close()
})

test('a cluster without nodes is refused', () => {
  expect(refusalOf(() => nodeRedisStore({ rootNodes: [] }))).toContain('rootNodes')
  expect(refusalOf(() => nodeRedisStore({ rootNodes: [{ url: 'http://localhost' }] }))).toContain('URL')
})

test('a Sentinel and a pool, whose commands take other arguments, are refused', () => {
  const sentinel = createSentinel({ name: 'main', sentinelRootNodes: [{ host: 'localhost', port: 1 }] })
  expect(refusalOf(() => nodeRedisStore(sentinel as never))).toContain('Sentinel')
  expect(refusalOf(() => nodeRedisStore(createClientPool() as never))).toContain('pool')
})

test('options are left as they were', async () => {
  const options = { url: 'redis://localhost:1', socket: { connectTimeout: 100 } }
  const before = structuredClone(options)
  await nodeRedisStore(options).close()
  expect(options).toEqual(before)
})

test('what makes the store refuse its options leaves no connection open', () => {
  expect(refusalOf(() => nodeRedisStore('redis://localhost:1', { prefix: 'not one!' }))).toContain('prefix')
})

test('a given client that has not been opened is not opened', async () => {
  const client = createClient()
  await nodeRedisStore(client).close()
  expect(client.isOpen).toBe(false)
})

describeOptions((options) => nodeRedisStore('redis://127.0.0.1:1', options))

test.each([
  [{ host: 'h', port: 6380 }, 'give socket: { host, port }'],
  [{ nodes: ['redis://u:hunter2@h'] }, 'give { rootNodes }'],
  [{ sentinels: [{ host: 'h', port: 1 }], name: 'main' }, 'use @shelflife/ioredis for Sentinel'],
  [{ sentinelRootNodes: [{ host: 'h', port: 1 }], name: 'main' }, 'use @shelflife/ioredis for Sentinel'],
  [{ connect: async () => {}, status: 'wait' }, 'a client, and not one of node-redis'],
])('what would lead to localhost in silence is refused: %j', (target, message) => {
  const refusal = refusalOf(() => nodeRedisStore(target as never))
  expect(refusal).toContain(message)
  expect(refusal).not.toContain('hunter2')
})

describeWrongPassword({
  'a URL with user': ({ host, port, password }) => nodeRedisStore(`redis://app:${password}@${host}:${port}`),
  'a URL without': ({ host, port, password }) => nodeRedisStore(`redis://:${password}@${host}:${port}`),
  options: ({ host, port, password }) => nodeRedisStore({ socket: { host, port }, password, username: 'app' }),
})
