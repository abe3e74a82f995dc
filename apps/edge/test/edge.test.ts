import type { UpstashFront } from '@shelflife/conformance/upstash'
import { upstashFront } from '@shelflife/conformance/upstash'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import type { Edge, Origin } from './serve-edge.ts'
import { SECRET, serveEdge, startOrigin } from './serve-edge.ts'

let server: RedisServer
let front: UpstashFront
let origin: Origin
let paris: Edge
let tokyo: Edge
beforeAll(async () => {
  server = await startRedis()
  ;[front, origin] = await Promise.all([upstashFront({ redis: server.url }), startOrigin()])
  ;[paris, tokyo] = await Promise.all([serveEdge(origin, front), serveEdge(origin, front)])
}, 60_000)
afterAll(async () => {
  await Promise.all([paris.close(), tokyo.close()])
  await Promise.all([front.stop(), origin.close()])
  await server.stop()
})
beforeEach(() => {
  origin.delay = 0
})

let products = 0
function newProduct(price = 5): string {
  const id = String(++products)
  origin.products.set(id, { id, name: `Tea ${id}`, price })
  return id
}

const statusOf = (response: Response): string => response.headers.get('cache-status') ?? ''

async function hit(url: string, headers = {}): Promise<Response> {
  let response = await fetch(url, { headers })
  await vi.waitFor(async () => {
    response = await fetch(url, { headers })
    expect(statusOf(response)).toMatch(/^shelflife;hit/)
  })
  return response
}

test('a response is kept, for every isolate, and 304 to who has it', async () => {
  const id = newProduct()
  const before = origin.count()
  expect(await (await fetch(`${paris.url}/products/${id}`)).json()).toMatchObject({ name: `Tea ${id}` })
  for (const { url } of [paris, tokyo]) {
    const response = await hit(`${url}/products/${id}`)
    const etag = response.headers.get('etag') ?? ''
    expect(await response.json()).toMatchObject({ name: `Tea ${id}` })
    const unchanged = await fetch(`${url}/products/${id}`, { headers: { 'If-None-Match': etag } })
    expect(unchanged.status).toBe(304)
  }
  expect(origin.count()).toBe(before + 1)
})

test('many requests for one product ask the API once', async () => {
  const id = newProduct()
  origin.delay = 200
  const before = origin.count()
  const urls = Array.from({ length: 20 }, (_, i) => `${i % 2 ? paris.url : tokyo.url}/baskets?id=${id}`)
  const totals = await Promise.all(
    urls.map(async (url) => ((await (await fetch(url)).json()) as { total: number }).total),
  )
  expect(new Set(totals)).toEqual(new Set([5]))
  expect(origin.count()).toBe(before + 1)
})

test('a client that goes away takes nobody with it', async () => {
  const id = newProduct()
  origin.delay = 400
  const before = origin.count()
  const leaving = new AbortController()
  const first = fetch(`${paris.url}/baskets?id=${id}`, { signal: leaving.signal }).catch(() => 'gone')
  await vi.waitFor(() => expect(origin.count()).toBe(before + 1))
  const second = fetch(`${paris.url}/baskets?id=${id}`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  leaving.abort()
  expect(await first).toBe('gone')
  expect(await (await second).json()).toMatchObject({ total: 5 })
  expect(origin.count()).toBe(before + 1)
})

test('what has changed is gone at once here, and within a second elsewhere, as response and as value', async () => {
  const id = newProduct()
  for (const { url } of [paris, tokyo]) await hit(`${url}/products/${id}`)
  origin.products.set(id, { id, name: 'Coffee', price: 7 })
  const changed = await fetch(`${paris.url}/changed/${id}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${SECRET}` },
  })
  expect(await changed.json()).toEqual({ remote: 'done' })
  expect(await (await fetch(`${paris.url}/products/${id}`)).json()).toMatchObject({ name: 'Coffee' })
  expect(await (await fetch(`${paris.url}/baskets?id=${id}`)).json()).toMatchObject({ total: 7 })
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(await (await fetch(`${tokyo.url}/products/${id}`)).json()).toMatchObject({ name: 'Coffee' })
})

test('nobody else can say that something has changed', async () => {
  for (const headers of [{}, { Authorization: 'Bearer guess' }]) {
    expect((await fetch(`${paris.url}/changed/1`, { method: 'POST', headers })).status).toBe(401)
  }
})

test('an Upstash that is away is no error', async () => {
  const id = newProduct()
  front.inject = () => ({ answer: { status: 503, body: 'away' } })
  expect(await (await fetch(`${paris.url}/products/${id}`)).json()).toMatchObject({ name: `Tea ${id}` })
  expect(await (await fetch(`${paris.url}/health`)).json()).toMatchObject({ ok: true })
  front.inject = undefined
})
