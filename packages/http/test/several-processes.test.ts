import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { createReferenceServer } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { expect, onTestFinished, test } from 'vitest'

import type { FetchHandler } from '../src/index.ts'
import { cachedFetch, createResponseCache } from '../src/index.ts'
import { msgpackCodec } from '@shelflife/msgpack'
import type { Handler, Reading } from './serve.ts'
import { ORIGIN, readingOf } from './serve.ts'

interface Process {
  readonly cache: Cache
  ask(target: string, headers?: Record<string, string>, method?: string): Promise<Reading>
}

/** Two processes with one handler on one remote store. */
function processes(handler: Handler, options: { readonly tags?: readonly string[] } = {}) {
  const server = createReferenceServer()
  let runs = 0
  const counted = (request: Request) => handler(request, ++runs)
  const made = Array.from({ length: 2 }, (): Process => {
    const cache = createCache({
      namespace: 'test',
      store: [memoryStore(), server.connect()],
      codec: msgpackCodec,
    })
    onTestFinished(() => cache.close())
    const responses = createResponseCache({ cache, onUnkeyedInput: () => {} })
    const fetch: FetchHandler = cachedFetch(responses, { ttl: '1m', ...options }, counted)
    return {
      cache,
      ask: async (target, headers = {}, method = 'GET') =>
        readingOf(await fetch(new Request(`${ORIGIN}${target}`, { headers, method }))),
    }
  })
  const [one, two] = made as [Process, Process]
  return { one, two, server, runs: () => runs }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const isStored = (server: ReturnType<typeof createReferenceServer>, count: number) =>
  expect.poll(() => server.records.size).toBe(count)

test('requests to two processes at once run the handler once altogether', async () => {
  const { one, two, runs } = processes(async (_request, run) => {
    await pause(100)
    return new Response(`run ${run}`)
  })
  const asked = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).ask('/x'))
  expect(new Set((await Promise.all(asked)).map(({ text }) => text))).toEqual(new Set(['run 1']))
  expect(runs()).toBe(1)
})

test('what one process stores answers in the other, byte for byte and header for header', async () => {
  const body = Uint8Array.from({ length: 256 }, (_, i) => i)
  const { one, two, server, runs } = processes(
    () =>
      new Response(body, {
        headers: { 'content-type': 'application/x-bytes', etag: 'W/"1"', 'x-order-b': 'b', 'x-order-a': 'ä' },
      }),
  )
  await one.ask('/x')
  await isStored(server, 1)
  const [here, there] = [await one.ask('/x'), await two.ask('/x')]
  expect(there.text).toBe(here.text)
  expect([...there.headers]).toEqual([...here.headers])
  expect(there.headers.get('x-order-a')).toBe('ä')
  expect((await two.ask('/x', { 'if-none-match': '"1"' })).status).toBe(304)
  expect((await two.ask('/x', { range: 'bytes=1-2' })).headers.get('content-range')).toBe('bytes 1-2/256')
  expect((await two.ask('/x', {}, 'HEAD')).headers.get('content-length')).toBe('256')
  expect(runs()).toBe(1)
})

test('variants of one process are those of the other', async () => {
  const { one, two, server, runs } = processes(
    (request) => new Response(request.headers.get('accept-language'), { headers: { vary: 'accept-language' } }),
  )
  for (const [index, language] of ['de', 'en'].entries()) {
    await one.ask('/x', { 'accept-language': language })
    await isStored(server, index + 1)
  }
  for (const language of ['en', 'de']) {
    const { text, cacheStatus } = await two.ask('/x', { 'accept-language': language })
    expect([text, cacheStatus]).toEqual([language, expect.stringMatching(/^hit/)])
  }
  expect(runs()).toBe(2)
})

test('a private response is stored by no process, and each request has its own', async () => {
  const { one, two, server, runs } = processes(async (_request, run) => {
    await pause(20)
    return new Response(`run ${run}`, { headers: { 'cache-control': 'private' } })
  })
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).ask('/x')))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(20)
  expect(runs()).toBe(20)
  expect(server.records.size).toBe(0)
})

test('a write through one process reaches the responses of the other', async () => {
  const { one, two, server } = processes((request, run) =>
    request.method === 'GET' ? new Response(`run ${run}`) : new Response(null, { status: 204 }),
  )
  await one.ask('/x')
  await isStored(server, 1)
  expect((await two.ask('/x')).text).toBe('run 1')
  await one.ask('/x', {}, 'POST')
  await expect.poll(async () => (await two.ask('/x')).text).toBe('run 3')
  expect((await one.ask('/x')).text).toBe('run 3')
})

test('a tag invalidated in one process reaches responses and values of the other', async () => {
  const { one, two, server } = processes((_request, run) => new Response(`run ${run}`), { tags: ['thing'] })
  let loads = 0
  const value = two.cache.cached(() => ++loads, { name: 'value', tags: () => ['thing'] })
  await two.ask('/x')
  expect(await value()).toBe(1)
  await isStored(server, 2)
  await one.cache.invalidateTags(['thing'])
  await expect.poll(async () => (await two.ask('/x')).text).toBe('run 2')
  expect(await value()).toBe(2)
})
