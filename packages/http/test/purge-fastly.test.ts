import { expect, test } from 'vitest'

import { fastlyPurge } from '../src/purge-fastly.ts'
import { reply, startApi } from './purge-api.ts'

const SERVICE = 'SU1Z0isxPaozGVKXdv0eY'
const TOKEN = 'secret-token-of-fastly-1234567890'

// published format: fastly.com/documentation/reference/api/purging
const done = reply(200, { 'shop#catalog': '108-1391560174-974124', '%many': '108-1391560174-974125' })

test('a purge is one request as the API wants it, with every key as it is', async () => {
  await using api = await startApi(done)
  await fastlyPurge({ service: SERVICE, token: TOKEN, ...api.client })(['shop#Catalog', 'shop#a b'])
  expect(api.received).toMatchObject([
    {
      method: 'POST',
      url: `/service/${SERVICE}/purge`,
      headers: { 'fastly-key': TOKEN, accept: 'application/json', 'content-type': 'application/json' },
      body: { surrogate_keys: ['shop#Catalog', 'shop#a%20b', '%many'] },
    },
  ])
  expect(api.received[0]!.headers['fastly-soft-purge']).toBeUndefined()
})

test('a soft purge says so', async () => {
  await using api = await startApi(done)
  await fastlyPurge({ service: SERVICE, token: TOKEN, soft: true, ...api.client })(['shop'])
  expect(api.received[0]!.headers['fastly-soft-purge']).toBe('1')
})

test('more than 256 keys are several requests', async () => {
  await using api = await startApi(done)
  await fastlyPurge({ service: SERVICE, token: TOKEN, ...api.client })(
    Array.from({ length: 600 }, (_, i) => `shop#${i}`),
  )
  const sent = api.received.map(({ body }) => (body as { surrogate_keys: string[] }).surrogate_keys.length)
  expect(sent).toEqual([256, 256, 89])
})

test('a service that is not known is tried once', async () => {
  await using api = await startApi(reply(404, { msg: 'Record not found', detail: `Cannot find service '${SERVICE}'` }))
  await expect(fastlyPurge({ service: SERVICE, token: TOKEN, ...api.client })(['shop'])).rejects.toThrow(
    /Fastly .* 404/,
  )
  expect(api.received).toHaveLength(1)
})

test('the token does not follow a redirect', async () => {
  await using elsewhere = await startApi(done)
  await using api = await startApi(reply(307, {}, { location: elsewhere.origin }))
  await expect(fastlyPurge({ service: SERVICE, token: TOKEN, ...api.client })(['shop'])).rejects.toThrow('answered 307')
  expect(api.received).toHaveLength(1)
  expect(elsewhere.received).toEqual([])
})

test('a service or token of another form is refused at construction', () => {
  expect(() => fastlyPurge({ service: 'a/b', token: TOKEN })).toThrow(/^service must be/)
  expect(() => fastlyPurge({ service: SERVICE, token: 'sec ret' })).toThrow(
    /^token must be what the CDN calls its token$/,
  )
})
