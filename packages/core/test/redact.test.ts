import { inspect } from 'node:util'

import { createCache } from '@shelflife/core'
import { createReferenceServer } from '@shelflife/conformance'
import { expect, onTestFinished, test } from 'vitest'

import { redacted } from '../src/redact.ts'

const SECRET = 'S3cret'

/** What clients make of a URL that they cannot use, or of a command that is refused. */
const ERRORS: readonly (() => unknown)[] = [
  () => new Error(`connect ENOENT //u:${SECRET}@h:6379`),
  () => Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: ` redis://u:${SECRET}@h` }),
  () => new Error('connect failed', { cause: new Error(`rediss://:${SECRET}@h`) }),
  () => new AggregateError([new Error('a'), new Error(`connect ENOENT //u:${SECRET}@h:6379`)], 'all of them failed'),
  () => new Error(`getaddrinfo ENOTFOUND u:${SECRET}@h`),
  () => Object.assign(new Error('WRONGPASS'), { command: { name: 'hello', args: ['3', 'AUTH', 'default', SECRET] } }),
  () => Object.assign(new Error('WRONGPASS'), { args: ['AUTH', SECRET] }),
  () => Object.assign(new Error('WRONGPASS'), { sent: new Map([['AUTH', SECRET]]) }),
  () => Object.assign(new Error('WRONGPASS'), { sent: Object.assign(() => {}, { password: SECRET }) }),
  () => new Error('no node', { cause: Object.assign(new Error('WRONGPASS'), { command: { args: [SECRET] } }) }),
  () => new Error('no node', { cause: { args: [SECRET] } }),
  () => new AggregateError([Object.assign(new Error('WRONGPASS'), { command: { args: [SECRET] } })], 'all failed'),
  () => new AggregateError([['AUTH', SECRET]], 'all failed'),
  () => inCircle(new Error(`connect ENOENT //u:${SECRET}@h:6379`)),
  () => unreadable(new Error('connect failed')),
  () => `redis://u:${SECRET}@h`,
]

/** Whose cause is the error itself. */
function inCircle(error: Error): Error {
  error.cause = error
  return error
}

/** Whose field throws when it is read. */
const unreadable = (error: Error): Error =>
  Object.defineProperty(error, 'url', {
    get() {
      throw new Error(`redis://u:${SECRET}@h`)
    },
  })

test.each(ERRORS)(
  'no user, password or argument of a command is in the error of a store, its fields or health (%#)',
  async (make) => {
    const server = createReferenceServer()
    const store = server.connect()
    const failing = {
      ...store,
      read: () => Promise.reject(make() as Error),
      readTags: () => Promise.reject(make() as Error),
    }
    const cache = createCache({ namespace: 'secrets', store: failing })
    onTestFinished(() => cache.close())
    const seen: unknown[] = []
    cache.on('storeError', (event) => void seen.push(event))
    await cache.get('x')
    expect(seen.length).toBeGreaterThan(0)
    const all = inspect([seen, cache.health()], { depth: 10 })
    expect(all).not.toContain(SECRET)
    expect(JSON.stringify(cache.health())).not.toContain(SECRET)
  },
)

test('what is cut keeps its name and code, and what holds nothing stays as it is', () => {
  const shown = redacted(ERRORS[1]!()) as Error & { code?: string }
  expect([shown.name, shown.code, shown.message]).toEqual(['TypeError', 'ERR_INVALID_URL', 'Invalid URL'])
  const plain = inCircle(new Error('mail me@example.org about //example.org/x at 10:30'))
  expect(redacted(plain)).toBe(plain)
  const several = new AggregateError([Object.assign(new Error('connect ECONNREFUSED ::1:1'), { port: 1 })], 'both')
  expect(redacted(several)).toBe(several)
})
