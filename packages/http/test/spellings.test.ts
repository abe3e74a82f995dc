import { expect, test } from 'vitest'

import { serve } from './serve.ts'

const TTL = { ttl: '1m', staleWhileRevalidate: 0 } as const

const isHit = expect.stringMatching(/^hit/)
const isMiss = expect.stringMatching(/^fwd=/)

const open = (options: object = {}) =>
  serve(({ method }, run) => (method === 'GET' ? new Response(`run ${run}`) : new Response(null, { status: 204 })), {
    ...TTL,
    ...options,
  })

/** One for a router that does not mind case, slashes, encoding or parameters behind a semicolon. */
const SPELLINGS = [
  '/shop/items/ab',
  '/Shop/ITEMS/ab',
  '/shop/items/ab/',
  '/shop//items/ab',
  '//shop/items//ab//',
  '/sh%6Fp/items/%61b',
  '/sh%6fp/items/a%62',
  '/shop/items%2Fab',
  '/shop/items%2fab',
  '/shop/items/ab;v=2',
  '/shop/items/ab%3Bv=2',
]

test('a write voids its URI in every spelling that a router may take for the same', async () => {
  const { ask } = open()
  for (const stored of SPELLINGS) {
    for (const written of SPELLINGS) {
      await ask(stored)
      expect((await ask(stored)).cacheStatus).toEqual(isHit)
      await ask(written, {}, { method: 'PUT' })
      expect((await ask(stored)).cacheStatus, `${written} voids ${stored}`).toEqual(isMiss)
    }
  }
})

test.each([
  ['/caf%C3%A9', '/caf%c3%a9'],
  ['/CAF%C3%89', '/caf%C3%A9'],
  ['/a%20b', '/A%20B/'],
  ['/a%3Fb', '/A%3fb'],
  ['/50%', '/50%/'],
  ['/%ff', '/%FF'],
  ['/', '//'],
])('%s and %s are one', async (one, other) => {
  const { ask } = open()
  for (const [stored, written] of [
    [one, other],
    [other, one],
  ] as const) {
    await ask(stored)
    await ask(written, {}, { method: 'DELETE' })
    expect((await ask(stored)).cacheStatus).toEqual(isMiss)
  }
})

test('other paths stay, and so do other queries where all of the query is in the key', async () => {
  const { ask } = open()
  const others = ['/shop/items/abc', '/shop/items', '/shop/items/ab?page=2', '/Shop/items/ba']
  for (const other of others) await ask(other)
  for (const written of SPELLINGS) await ask(written, {}, { method: 'PUT' })
  for (const other of others) expect((await ask(other)).cacheStatus, other).toEqual(isHit)
})

test('where only some of a request is in the key a write voids all of its path', async () => {
  for (const options of [{ query: { sort: true } }, { headers: ['x-lang'] }, { cookies: { vary: ['lang'] } }]) {
    const { ask } = open(options)
    for (const query of ['', '?a=1&b=2', '?b=2&a=1', '?page=2']) await ask(`/Things${query}`)
    await ask('/things/?b=2', {}, { method: 'PUT' })
    for (const query of ['', '?a=1&b=2', '?page=2'])
      expect((await ask(`/Things${query}`)).cacheStatus, query).toEqual(isMiss)
  }
})
