import { ShelflifeError } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { Cluster, Redis } from 'ioredis'
import { expect, test } from 'vitest'

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
])('the URL %j is refused without a word of its password', (url, message) => {
  for (const target of [url, { nodes: [url] }]) {
    const refusal = refusalOf(() => ioredisStore(target))
    expect(refusal).toContain(message)
    expect(refusal).not.toContain('hunter2')
  }
})

test.each([[undefined], [null], [6379], [() => 'redis://localhost']])('%s is refused', (target) => {
  expect(refusalOf(() => ioredisStore(target as never))).toContain('received')
})

test('a Cluster without nodes is refused', () => {
  expect(refusalOf(() => ioredisStore({ nodes: [] }))).toContain('nodes')
})

test.each([
  ['keyPrefix', () => new Redis({ lazyConnect: true, keyPrefix: 'app:' })],
  ['keyPrefix', () => new Cluster([7000], { lazyConnect: true, keyPrefix: 'app:' })],
  ['keyPrefix', () => new Cluster([7000], { lazyConnect: true, redisOptions: { keyPrefix: 'app:' } })],
  ['keyPrefix', () => ({ keyPrefix: 'app:' })],
  ['keyPrefix', () => 'redis://localhost?keyPrefix=app:'],
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
