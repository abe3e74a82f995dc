import { inspect } from 'node:util'

import { createCache } from '@shelflife/core'
import { createReferenceServer } from '@shelflife/conformance'
import { expect, onTestFinished, test } from 'vitest'

import { redacted } from '../src/redact.ts'

const SECRET = 'S3cret'

/** What clients make of a URL that they cannot use. */
const ERRORS: readonly (() => unknown)[] = [
  () => new Error(`connect ENOENT //u:${SECRET}@h:6379`),
  () => Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: ` redis://u:${SECRET}@h` }),
  () => new Error('connect failed', { cause: new Error(`rediss://:${SECRET}@h`) }),
  () => new AggregateError([new Error('a'), new Error(`connect ENOENT //u:${SECRET}@h:6379`)], 'all of them failed'),
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
  'no user or password of a URL is in the error of a store, its fields or health (%#)',
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
  const plain = inCircle(new Error('mail me@example.org about //example.org/x'))
  expect(redacted(plain)).toBe(plain)
})
