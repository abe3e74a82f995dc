import { ShelflifeError } from '@shelflife/core'
import { expect, test } from 'vitest'

import { cloudflarePurge } from '../src/purge-cloudflare.ts'
import { reply, startApi } from './purge-api.ts'

const ZONE = '023e105f4ecef8ad9ca31a8372d0c353'
const TOKEN = 'secret-token-of-cloudflare-1234567890'

// published format: developers.cloudflare.com/api/resources/cache/methods/purge
const done = reply(200, { success: true, errors: [], messages: [], result: { id: ZONE } })
const denied = {
  success: false,
  errors: [{ code: 10000, message: 'Authentication error' }],
  messages: [],
  result: null,
}

test('a purge is one request as the API wants it', async () => {
  await using api = await startApi(done)
  await cloudflarePurge({ zone: ZONE, token: TOKEN, ...api.client })(['shop#catalog/tv', 'shop#Größe€'])
  expect(api.received).toMatchObject([
    {
      method: 'POST',
      url: `/client/v4/zones/${ZONE}/purge_cache`,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: { tags: ['shop#catalog/tv', 'shop#%47r%f6%dfe%u20ac', '%many'] },
    },
  ])
  expect(api.received[0]!.body).toEqual({ tags: expect.any(Array) })
  expect(api.deadlines.size).toBe(0)
})

test('more than 100 tags are several requests, one after the other', async () => {
  await using api = await startApi(done)
  const names = Array.from({ length: 205 }, (_, i) => `shop#${i}`)
  await cloudflarePurge({ zone: ZONE, token: TOKEN, ...api.client })(names)
  const sent = api.received.map(({ body }) => (body as { tags: string[] }).tags)
  expect(sent.map((tags) => tags.length)).toEqual([100, 100, 6])
  expect(sent.flat()).toEqual([...names, '%many'])
})

test('nothing to purge is no request', async () => {
  await using api = await startApi(done)
  await cloudflarePurge({ zone: ZONE, token: TOKEN, ...api.client })([])
  expect(api.received).toEqual([])
})

test('an answer with a good status that does not say success is no success', async () => {
  await using api = await startApi(reply(200, denied), reply(200, 'a login page'), done)
  await cloudflarePurge({ zone: ZONE, token: TOKEN, ...api.client })(['shop'])
  expect(api.received).toHaveLength(3)
})

test('a token that is not accepted is tried once, and is not in the error', async () => {
  await using api = await startApi(reply(403, denied))
  const purge = cloudflarePurge({ zone: ZONE, token: TOKEN, ...api.client })
  const error = await purge(['shop']).catch((thrown: unknown) => thrown)
  expect(String(error)).toBe('Error: purging from Cloudflare failed: it answered 403; given up at attempt 1 of 5')
  expect(api.received).toHaveLength(1)
})

test.each([
  ['zone', { zone: '../../accounts', token: TOKEN }],
  ['zone', { zone: '', token: TOKEN }],
  ['token', { zone: ZONE, token: `${TOKEN}\n` }],
  ['token', { zone: ZONE, token: '' }],
])('a wrong %s is refused at construction, without the token in the error', (option, options) => {
  let error: unknown
  try {
    cloudflarePurge(options)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(ShelflifeError)
  expect(error).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(option) })
  expect(String(error)).not.toContain('secret')
})
