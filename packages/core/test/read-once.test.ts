import { Readable } from 'node:stream'

import { createReferenceServer } from '@shelflife/conformance'
import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

const SET_UPS: Readonly<Record<string, () => Cache>> = {
  memory: () => createCache({ namespace: 'once', store: memoryStore() }),
  remote: () => createCache({ namespace: 'once', store: createReferenceServer().connect() }),
  'memory and remote': () =>
    createCache({ namespace: 'once', store: [memoryStore(), createReferenceServer().connect()] }),
}

async function textOf(source: AsyncIterable<string> | Iterable<string>): Promise<string> {
  let text = ''
  for await (const part of source) text += part
  return text
}

describe.each(Object.entries(SET_UPS))("what can be read once is nobody else's, %s", (_, open) => {
  test.each<[string, () => unknown, (value: never) => Promise<string>]>([
    ['a Readable', () => Readable.from(['a', 'b']), textOf],
    [
      'a generator',
      () =>
        (function* () {
          yield* 'ab'
        })(),
      textOf,
    ],
    [
      'an async generator',
      () =>
        (async function* () {
          yield* 'ab'
        })(),
      textOf,
    ],
    ['a Response', () => new Response('ab'), (response: Response) => response.text()],
    ['a stream of a Blob', () => new Blob(['ab']).stream(), (stream: ReadableStream) => new Response(stream).text()],
    [
      'a stream in plain data',
      () => ({ body: Readable.from(['a', 'b']) }),
      ({ body }: { body: Readable }) => textOf(body),
    ],
    [
      'an iterator in plain data',
      () => {
        const parts = ['a', 'b']
        const rows = {
          next: () => ({ done: parts.length === 0, value: parts.shift() }),
          [Symbol.iterator]: () => rows,
        }
        return { rows }
      },
      ({ rows }: { rows: Iterable<string> }) => textOf(rows),
    ],
    [
      'an Error with a Response',
      () => Object.assign(new Error('not found'), { response: new Response('ab') }),
      ({ response }: { response: Response }) => response.text(),
    ],
  ])('%s', async (_kind, make, textIn) => {
    const cache = open()
    let loads = 0
    let skipped = 0
    cache.on('skip', ({ because }) => void (skipped += because === 'unsupported' ? 1 : 0))
    const get = cache.cached(async () => (loads++, make()), { name: 'value' })
    const read = async (): Promise<string> => textIn((await get()) as never)
    expect(await read()).toBe('ab')
    expect(await read()).toBe('ab')
    expect(await Promise.all(Array.from({ length: 5 }, read))).toEqual(['ab', 'ab', 'ab', 'ab', 'ab'])
    expect(loads).toBe(7)
    expect(skipped).toBeGreaterThan(0)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 7, entries: 0 })
    await cache.set('key', make() as object)
    expect(await cache.get('key')).toBeUndefined()
    await cache.close()
  })
})

test.each(Object.entries(SET_UPS))('what a loader returns stays its own, %s', async (_, open) => {
  const cache = open()
  const state = { items: [1] }
  const get = cache.cached(async () => state, { name: 'state' })
  const kept = await get()
  state.items.push(2)
  expect(state.items).toEqual([1, 2])
  expect(kept).toEqual({ items: [1] })
  expect(await get()).toEqual({ items: [1] })
  const user = { name: 'ann' }
  await cache.set('user', user)
  user.name = 'bob'
  expect(await cache.get('user')).toEqual({ name: 'ann' })
  await cache.close()
})
