import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { expandTags, fullTags, withAbove, tagger } from '../src/tags.ts'
import { deferred, quiet } from './deferred.ts'
import { createWorld, setUps } from './set-ups.ts'
import { thrown } from './thrown.ts'

describe('names', () => {
  test('an entry has the tags of its namespace and of every one above it', () => {
    expect(withAbove('shop')).toEqual(['shop'])
    expect(withAbove('shop/eu/de')).toEqual(['shop', 'shop/eu', 'shop/eu/de'])
  })

  test('a tag is also every path above it', () => {
    expect(expandTags('shop', ['catalog/tv/oled'])).toEqual(['shop#catalog', 'shop#catalog/tv', 'shop#catalog/tv/oled'])
  })

  test('a path that begins with the same letters is not above it', () => {
    expect(expandTags('shop', ['catalogue/tv'])).not.toContain('shop#catalog')
    expect(expandTags('shop', ['product:42'])).toEqual(['shop#product:42'])
  })

  test('a tag that is stated twice, or above another, is kept once', () => {
    expect(expandTags('shop', ['a/b', 'a', 'a/b', 'a/c'])).toEqual(['shop#a', 'shop#a/b', 'shop#a/c'])
  })

  test('the steps of a namespace are not taken for steps of the tag', () => {
    expect(expandTags('shop/eu', ['a/b'])).toEqual(['shop/eu#a', 'shop/eu#a/b'])
  })

  test('no tag can be taken for a namespace, for a tag of another one, or for a key', () => {
    const namespaces = fc.constantFrom('a', 'b', 'a/b', 'a/b/c', 'a.b')
    const tags = fc
      .array(fc.string({ unit: fc.constantFrom('a', 'b', '#', '(', '"', ':'), minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 3,
      })
      .map((steps) => steps.join('/'))
    fc.assert(
      fc.property(namespaces, tags, namespaces, tags, (oneSpace, oneTag, otherSpace, otherTag) => {
        const isSame = oneSpace === otherSpace && oneTag === otherTag
        expect(fullTags(oneSpace, [oneTag])[0] === fullTags(otherSpace, [otherTag])[0]).toBe(isSame)
        for (const name of expandTags(oneSpace, [oneTag])) expect(withAbove(otherSpace)).not.toContain(name)
        expect(fullTags(oneSpace, [oneTag])[0]).not.toMatch(/^[\w./-]+\(/)
      }),
    )
  })

  test('a tag with its parents is what invalidating any of them reaches', () => {
    const steps = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(steps, steps, (entry, invalidated) => {
        const isReached = invalidated.every((step, i) => step === entry[i])
        const names = expandTags('shop', [entry.join('/')])
        expect(fullTags('shop', [invalidated.join('/')]).every((name) => names.includes(name))).toBe(isReached)
      }),
    )
  })
})

describe('refusal', () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [null, 'null'],
    [undefined, 'undefined'],
    [['a'], 'an array'],
    [{ a: 1 }, 'an object'],
  ]

  test.for(refused)('%j is not a tag, and the message says what is', ([tag, shown]) => {
    const error = thrown(() => expandTags('shop', ['fine', tag as string]))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(`a tag must be text, with \`/\` between steps, such as 'catalog/tv'; received ${shown}`)
  })

  test('whatever is made of data is a tag: empty steps, spaces, numbers', () => {
    expect(expandTags('shop', ['a//b'])).toEqual(['shop#a', 'shop#a/', 'shop#a//b'])
    expect(expandTags('shop', ['', '/', 'a/', 'two words', 42 as never])).toEqual([
      'shop#',
      'shop#/',
      'shop#a',
      'shop#a/',
      'shop#two words',
      'shop#42',
    ])
  })

  test('of a longer or deeper tag the beginning counts, the same for entries and invalidations', () => {
    const long = 'x'.repeat(5000)
    expect(expandTags('shop', [long])).toEqual(fullTags('shop', [`${long}y`]))
    const deep = Array.from({ length: 2000 }, () => 'a').join('/')
    expect(expandTags('shop', [deep])).toHaveLength(32)
    expect(expandTags('shop', [deep]).at(-1)).toBe(fullTags('shop', [`${deep}/b`])[0])
  })

  test.each(['product', 42, null, new Set(['a'])])('%o is not a list of tags', (tags) => {
    const error = thrown(() => expandTags('shop', tags as never))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toContain('tags must be an array of strings')
  })
})

describe('the tags option', () => {
  test('without it an entry has the tags of its namespaces', () => {
    expect(tagger('shop', ['shop'], undefined, () => {})([1, 2])).toEqual(['shop'])
  })

  test('a list counts for every call', () => {
    expect(tagger('shop', ['shop'], ['catalog'], () => {})([1])).toEqual(['shop', 'shop#catalog'])
  })

  test('a function is asked with the arguments of each call', () => {
    const of = tagger('shop', ['shop'], ((id: number, kind: string) => [`product:${id}`, kind]) as never, () => {})
    expect(of([42, 'tv'])).toEqual(['shop', 'shop#product:42', 'shop#tv'])
    expect(of([43, 'tv'])).toEqual(['shop', 'shop#product:43', 'shop#tv'])
  })

  test('a list with something that is no tag is refused when the function is wrapped', () => {
    const cache = createCache({ namespace: 'shop', store: memoryStore() })
    const wrap = (tags: unknown) => () => cache.cached(async () => 1, { name: 'one', tags: tags as never })
    for (const tags of [[undefined], [{}], 'a']) expect(thrown(wrap(tags)).code).toBe('invalid-option')
  })

  test('tags that are made of names of customers fail no read and are invalidated as they are', async () => {
    const cache = createCache({ namespace: 'shop', store: memoryStore() })
    let loads = 0
    const wrapped = cache.cached(async (id: string) => `${id}${++loads}`, { name: 'one', tags: (id) => [`cat:${id}`] })
    for (const name of ['a//b', '/', '', 'a/', ' ', 'x'.repeat(3000)]) {
      const before = await wrapped(name)
      expect(await wrapped(name)).toBe(before)
      await cache.invalidateTags([`cat:${name}`])
      expect(await wrapped(name)).not.toBe(before)
    }
  })

  test('what an entry keeps of tags is counted, however it came to them', async () => {
    const tags = Array.from({ length: 30 }, (_, i) => `tag-${i}`)
    const bytesPerEntry = async (fill: (cache: Cache, id: number) => Promise<unknown>): Promise<number> => {
      const cache = createCache({ namespace: 'shop', store: memoryStore() })
      for (let id = 0; id < 100; id++) await fill(cache, id)
      return (cache.stats().bytes ?? 0) / 100
    }
    const plain = await bytesPerEntry((cache, id) => cache.set(['x', id], 1))
    for (const fill of [
      (cache: Cache, id: number) => cache.set(['x', id], 1, { tags }),
      (cache: Cache, id: number) => cache.getOrLoad(['x', id], () => 1, { tags }),
    ]) {
      expect(await bytesPerEntry(fill)).toBeGreaterThan(plain + 30 * 40)
    }
  })

  test.each(['invalidateTags', 'expireTags'] as const)(
    '%s tells all that are tags, and then which one is none',
    async (type) => {
      const cache = createCache({ namespace: 'shop', store: memoryStore() })
      let loads = 0
      const wrapped = cache.cached(async (id: string) => `${id}${++loads}`, {
        name: 'one',
        tags: (id) => [id],
        staleWhileRevalidate: 0,
        staleIfError: 0,
      })
      await wrapped('good')
      await expect(cache[type](['good', undefined as never])).rejects.toMatchObject({ code: 'invalid-option' })
      expect(await wrapped('good')).toBe('good2')
    },
  )
})

describe.each(setUps)('tags and copies, %s', (setUp) => {
  test('what is no tag fails no read and loses no other tag, and is told', async () => {
    const { cache } = createWorld(setUp).start()
    const told: unknown[] = []
    cache.on('backgroundError', ({ error }) => told.push((error as Error).message))
    let loads = 0
    const odd = [undefined, {}, Symbol('tag')] as never[]
    const get = cache.cached(async () => ++loads, { name: 'given', tags: () => ['good', ...odd] })
    const decided = cache.cached(async (context) => (context.tag('good', ...odd), ++loads), {
      name: 'decided',
      context: true,
    })
    const nothing = cache.cached(async () => ++loads, { name: 'nothing', tags: () => undefined as never })
    const read = async () => [
      await get(),
      await decided(),
      await cache.getOrLoad('key', () => ++loads, { tags: ['good', ...odd] }),
    ]
    expect(await read()).toEqual([1, 2, 3])
    expect(await read()).toEqual([1, 2, 3])
    expect(await nothing()).toBe(4)
    await cache.set('other', 1, { tags: ['good', ...odd] })
    expect(told.length).toBeGreaterThanOrEqual(5)
    expect(new Set(told).size).toBe(2)
    await cache.invalidateTags(['good'])
    expect(await read()).toEqual([5, 6, 7])
    expect(await cache.get('other')).toBeUndefined()
    await cache.close()
  })

  test('a copy is not the answer to a call that can be invalidated by more', async () => {
    const { cache } = createWorld(setUp).start()
    let loads = 0
    const get = cache.cached(async (_id: number, _lang: string) => ++loads, {
      name: 'value',
      key: (id) => id,
      tags: (_id, lang) => [`lang:${lang}`],
    })
    expect(await get(1, 'de')).toBe(1)
    expect(await get(1, 'en')).toBe(2)
    await cache.invalidateTags(['lang:en'])
    expect(await get(1, 'en')).toBe(3)

    await cache.set('key', 'set', { tags: ['a'] })
    expect(await cache.getOrLoad('key', () => 'loaded', { tags: ['a'] })).toBe('set')
    expect(await cache.getOrLoad('key', () => 'loaded', { tags: ['b'] })).toBe('loaded')
    expect(await cache.get('key')).toBe('loaded')
    await cache.close()
  })

  test('nor is a load that runs, or an old value when loading fails', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start({ bus: false })
    const loading = deferred()
    const first = cache.getOrLoad('key', async () => (await loading.promise, 'first'), {
      tags: ['a'],
      staleIfError: '1h',
    })
    await quiet()
    await cache.invalidateTags(['b'])
    const second = cache.getOrLoad('key', () => 'second', { tags: ['b'], ttl: 1000, jitter: 0, staleIfError: '1h' })
    loading.resolve()
    expect(await first).toBe('first')
    clock.advance(10_000)
    await quiet()
    expect(await second).toBe('second')
    clock.advance(120_000)
    const fail = async (): Promise<string> => Promise.reject(new Error('down'))
    await expect(cache.getOrLoad('key', fail, { tags: ['c'], staleIfError: '1h' })).rejects.toThrow('down')
    await cache.close()
  })
})
