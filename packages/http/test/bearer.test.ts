import { inspect } from 'node:util'

import { ShelflifeError } from '@shelflife/core'
import { expect, test } from 'vitest'

import type { BearerOptions, BearerToken } from '../src/bearer.ts'
import { bearer } from '../src/bearer.ts'

const OLD = 'old-secret-'.padEnd(32, 'o')
const NEW = 'new-secret-'.padEnd(40, 'n')
const READER = 'reader-secret-'.padEnd(32, '=')

const tokens: readonly BearerToken[] = [
  { token: OLD, actor: 'deploy', permissions: ['read', 'invalidate'] },
  { token: NEW, actor: 'deploy', permissions: ['read', 'invalidate'] },
  { token: READER, actor: 'prometheus', permissions: ['read'] },
]

const requestWith = (authorization?: string): Request =>
  new Request('http://localhost/stats', authorization === undefined ? {} : { headers: { authorization } })

test('every token is good for its actor and permissions, old and new at once', async () => {
  const authorize = bearer({ tokens })
  for (const token of [OLD, NEW]) {
    expect(await authorize(requestWith(`Bearer ${token}`), 'invalidate')).toEqual({ actor: 'deploy', refused: false })
    expect(await authorize(requestWith(`Bearer ${token}`), 'clear')).toEqual({ actor: 'deploy', refused: true })
  }
  expect(await authorize(requestWith(`bearer  ${READER}`), 'read')).toEqual({ actor: 'prometheus', refused: false })
  expect(await authorize(requestWith(`BEARER ${READER}`), 'invalidate')).toMatchObject({ refused: true })
})

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  OLD,
  `Basic ${OLD}`,
  `Bearer ${OLD.slice(0, -1)}`,
  `Bearer ${OLD}o`,
  `Bearer ${OLD.toUpperCase()}`,
  `Bearer ${OLD} ${NEW}`,
  `Bearer ${OLD}, Bearer ${OLD}`,
  `Bearer ${'x'.repeat(10_000)}`,
])('%j is nobody', async (authorization) => {
  expect(await bearer({ tokens })(requestWith(authorization), 'read')).toBeUndefined()
})

test('a function is asked for every request, so that a token can be added and taken away', async () => {
  let now: readonly BearerToken[] = []
  const authorize = bearer({ tokens: async () => now })
  const ask = (): unknown => authorize(requestWith(`Bearer ${NEW}`), 'read')
  expect(await ask()).toBeUndefined()
  now = tokens
  expect(await ask()).toEqual({ actor: 'deploy', refused: false })
  now = tokens.filter(({ token }) => token !== NEW)
  expect(await ask()).toBeUndefined()
})

test('every token is hashed and compared for every request, wherever the good one stands', async () => {
  const digest = crypto.subtle.digest.bind(crypto.subtle)
  const counts: number[] = []
  const authorize = bearer({ tokens })
  try {
    for (const token of [OLD, READER, 'x'.repeat(32)]) {
      let count = 0
      crypto.subtle.digest = (...args) => (count++, digest(...args))
      await authorize(requestWith(`Bearer ${token}`), 'read')
      counts.push(count)
    }
  } finally {
    crypto.subtle.digest = digest
  }
  expect(counts).toEqual([4, 4, 4])
})

const secret = { token: NEW, actor: 'a', permissions: ['read'] }

test.each([
  ['a short token', [{ ...secret, token: 'secret-too-short' }]],
  ['a token with a space', [{ ...secret, token: `secret ${NEW}` }]],
  ['a token that is no text', [{ ...secret, token: undefined }]],
  ['no actor', [{ ...secret, actor: '' }]],
  ['an unknown permission', [{ ...secret, permissions: ['write'] }]],
  ['no permissions', [{ ...secret, permissions: undefined }]],
  ['one token twice', [secret, { ...secret, actor: 'b' }]],
  ['texts in place of tokens', [NEW]],
  ['a hole in the list', [undefined, secret]],
  ['no tokens', []],
  ['a token in place of the list', NEW],
  ['nothing', undefined],
])('%s is refused at construction, and no token is in the error', (_, wrong) => {
  let error: unknown
  try {
    bearer({ tokens: wrong } as BearerOptions)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(ShelflifeError)
  expect(error).toMatchObject({ code: 'invalid-option' })
  expect(inspect(error, { depth: 10 })).not.toContain('secret')
})

test('what a function returns is checked too', async () => {
  const authorize = bearer({ tokens: () => [{ ...tokens[0]!, token: 'secret-too-short' }] })
  const error = await Promise.resolve(authorize(requestWith(`Bearer ${OLD}`), 'read')).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'invalid-option' })
  expect(String(error)).not.toContain('secret-too-short')
})
