import { afterEach, describe, expect, test, vi } from 'vitest'
import { adminToken, json, startApp } from './start-app.ts'

const clock = { id: 1, name: 'Clock', category: 'clocks', price: 4900 }

async function ask(url: string, init?: RequestInit) {
  const response = await fetch(url, init)
  const body: unknown = await response.json().catch(() => undefined)
  return { status: response.status, headers: response.headers, cache: response.headers.get('cache-status'), body }
}

const hit = expect.stringMatching(/^shelflife;hit;ttl=\d+$/)
const stored = 'shelflife;fwd=uri-miss;fwd-status=200;stored'

describe('reads', () => {
  test('the front page says what can be asked, and all of it answers', async () => {
    const { url } = await startApp()
    const { body } = await ask(`${url}/`)
    const { read } = body as { readonly read: readonly string[] }
    for (const path of read) expect((await ask(`${url}${path}`)).status, path).toBe(200)
    expect(read).toContain('/products/7')
  })

  test('the second request is answered from the cache', async () => {
    const { url, cache } = await startApp()

    const first = await ask(`${url}/products/7`)
    const second = await ask(`${url}/products/7`)

    expect(first).toMatchObject({ status: 200, cache: stored })
    expect(second).toMatchObject({ status: 200, cache: hit, body: first.body })
    expect(first.body).toMatchObject({ id: 7, name: 'Black steel lamp', category: 'lamps' })
    expect(cache.stats().names).toMatchObject({ response: { loads: 1 }, product: { loads: 1 } })
  })

  test('who has a response already is answered with 304', async () => {
    const { url } = await startApp()
    const { headers } = await ask(`${url}/products/7`)

    const again = await ask(`${url}/products/7`, { headers: { 'if-none-match': headers.get('etag')! } })

    expect(again).toMatchObject({ status: 304, cache: hit, body: undefined })
  })

  test('a list is that of its category', async () => {
    const { url } = await startApp()

    const { body } = await ask(`${url}/products?category=jugs`)
    const all = await ask(`${url}/products`)

    expect(body).toHaveLength(30)
    expect(new Set((body as { category: string }[]).map(({ category }) => category))).toEqual(new Set(['jugs']))
    expect(all.body).toHaveLength(240)
  })

  test('parameters that mean nothing make no entries', async () => {
    const { url, cache } = await startApp()
    await ask(`${url}/products?category=jugs&utm_source=mail`)

    expect(await ask(`${url}/products?utm_source=feed&category=jugs`)).toMatchObject({ cache: hit })
    expect(cache.stats().names['response']).toMatchObject({ loads: 1 })
  })

  test('a product that does not exist is 404', async () => {
    const { url } = await startApp()

    for (const path of ['/products/0', '/products/4711', '/products/lamp', '/products/1.5']) {
      expect(await ask(url + path)).toMatchObject({ status: 404, body: { error: 'there is no such product' } })
    }
  })
})

describe('writes', () => {
  test('a change reaches queries and responses before it is answered, however they are asked for', async () => {
    const { url, catalogue } = await startApp()
    const paths = ['/products/1', '/products/01', '/products?category=clocks', '/products', '/categories']
    for (const path of paths) await ask(url + path)

    const changed = await ask(`${url}/products/1`, json('PUT', clock))

    expect(changed).toMatchObject({ status: 200, body: clock })
    expect(await catalogue.getProduct.peek(1)).toBeUndefined()
    expect(await catalogue.listProducts.peek('clocks')).toBeUndefined()
    const after = await Promise.all(paths.map((path) => ask(url + path)))
    expect(after.map(({ cache }) => cache)).toEqual(paths.map(() => stored))
    expect(after.slice(0, 2).map(({ body }) => body)).toEqual([clock, clock])
    expect(after[2]?.body).toContainEqual(clock)
    expect(after[3]?.body).toContainEqual(clock)
  })

  test('a change leaves what it does not change', async () => {
    const { url } = await startApp()
    await ask(`${url}/products/2`)

    await ask(`${url}/products/1`, json('PUT', clock))

    expect(await ask(`${url}/products/2`)).toMatchObject({ cache: hit })
  })

  test('a new product is there also for those who asked for it before', async () => {
    const { url } = await startApp()
    expect(await ask(`${url}/products/241`)).toMatchObject({ status: 404 })

    const added = await ask(`${url}/products`, json('POST', { ...clock, id: undefined }))

    expect(added).toMatchObject({ status: 201, body: { ...clock, id: 241 } })
    expect(added.headers.get('location')).toBe('/products/241')
    expect(await ask(`${url}/products/241`)).toMatchObject({ status: 200, body: { ...clock, id: 241 } })
  })

  test.each([
    [400, '/products/1', { name: 'Clock' }],
    [400, '/products/1', { ...clock, price: 1.5 }],
    [400, '/products/1', null],
    [404, '/products/4711', clock],
  ])('what is refused with %i changes and invalidates nothing: PUT %s %j', async (status, path, body) => {
    const { url } = await startApp()
    await ask(`${url}/products/1`)

    expect(await ask(url + path, json('PUT', body))).toMatchObject({ status, body: { error: expect.any(String) } })

    expect(await ask(`${url}/products/1`)).toMatchObject({ cache: hit })
  })
})

describe('operation', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  afterEach(() => log.mockClear())

  const authorization = `Bearer ${adminToken}`

  test('health is that of the cache', async () => {
    const { url, cache } = await startApp()

    expect(await ask(`${url}/health`)).toMatchObject({ status: 200, body: { ok: true } })
    await cache.close()
    expect(await ask(`${url}/health`)).toMatchObject({ status: 503, body: { ok: false } })
  })

  test('the admin API is for who has the token', async () => {
    const { url } = await startApp()

    expect(await ask(`${url}/admin/cache/stats`)).toMatchObject({ status: 401 })
    expect(await ask(`${url}/admin/cache/stats`, { headers: { authorization } })).toMatchObject({
      status: 200,
      body: { hits: 0, names: {} },
    })
  })

  test('an admin invalidates queries and responses by one tag', async () => {
    const { url, catalogue } = await startApp()
    await ask(`${url}/products/7`)
    const invalidate = `${url}/admin/cache/invalidate`

    expect(await ask(invalidate, json('POST', { tags: ['product/7'] }))).toMatchObject({ status: 401 })
    expect(await ask(`${url}/products/7`)).toMatchObject({ cache: hit })
    const done = await ask(invalidate, json('POST', { tags: ['product/7'] }, { authorization }))

    expect(done).toMatchObject({ status: 200, body: { local: true } })
    const event = { actor: 'admin', action: 'invalidate', target: { tags: ['product/7'] }, outcome: 'done' }
    expect(log).toHaveBeenLastCalledWith(event)
    expect(await catalogue.getProduct.peek(7)).toBeUndefined()
    expect(await ask(`${url}/products/7`)).toMatchObject({ cache: stored })
  })
})
