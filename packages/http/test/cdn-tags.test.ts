import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { codePoint } from '../../conformance/src/code-point.ts'
import { describe, expect, test } from 'vitest'

import type { CdnProvider } from '../src/cdn-tags.ts'
import { cdnTags, purgeBatches } from '../src/cdn-tags.ts'

const SEPARATORS: Readonly<Record<CdnProvider, string>> = { cloudflare: ',', fastly: ' ', cloudfront: ',', akamai: ',' }
const providers = Object.keys(SEPARATORS) as CdnProvider[]
/** Cloudflare and CloudFront take `Tag` and `tag` for the same. */
const folds: readonly CdnProvider[] = ['cloudflare', 'cloudfront']

/** What a CDN indexes a response by. */
function indexed(provider: CdnProvider, tags: readonly string[], namespace = 'shop'): readonly string[] {
  const [[, value]] = cdnTags(provider, { namespace, tags }) as readonly [readonly [string, string]]
  const all = value.split(SEPARATORS[provider])
  return folds.includes(provider) ? all.map((tag) => tag.toLowerCase()) : all
}

function purged(provider: CdnProvider, names: readonly string[]): readonly string[] {
  const all = purgeBatches(provider, { names, size: 100 }).flat()
  return folds.includes(provider) ? all.map((tag) => tag.toLowerCase()) : all
}

const hits = (on: readonly string[], purge: readonly string[]): boolean => purge.some((tag) => on.includes(tag))

const texts = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: codePoint, minLength: 1, maxLength: 6 }),
  fc.string({
    unit: fc.constantFrom('a', 'A', '%', '/', ',', ' ', '#', '2', '5', 'u', '\ud800', '\ufffd', 'é'),
    minLength: 1,
    maxLength: 8,
  }),
)

test('every provider has its own header and separator', () => {
  const of = (provider: CdnProvider): unknown => cdnTags(provider, { namespace: 'shop', tags: ['catalog/tv', 'a:1'] })
  expect(of('cloudflare')).toEqual([['Cache-Tag', 'shop,shop#catalog,shop#catalog/tv,shop#a:1']])
  expect(of('fastly')).toEqual([['Surrogate-Key', 'shop shop#catalog shop#catalog/tv shop#a:1']])
  expect(of('cloudfront')).toEqual([['x-amz-meta-cache-tag', 'shop,shop#catalog,shop#catalog/tv,shop#a:1']])
  expect(of('akamai')).toEqual([['Edge-Cache-Tag', 'shop,shop#catalog,shop#catalog%2ftv,shop#a%3a1']])
})

test('everything above a tag and above the namespace is there, each once', () => {
  expect(indexed('fastly', ['a/b/c', 'a/x'], 'shop/eu')).toEqual([
    'shop',
    'shop/eu',
    'shop/eu#a',
    'shop/eu#a/b',
    'shop/eu#a/b/c',
    'shop/eu#a/x',
  ])
  expect(indexed('fastly', [])).toEqual(['shop'])
})

test('what the header names is what invalidates the value in the cache too, and nothing else is named', async () => {
  const cache = createCache({ namespace: 'shop/eu', store: memoryStore() })
  let loads = 0
  const get = cache.cached(async () => ++loads, { name: 'value', tags: ['a/b/c', 'd'] })
  const heard: string[] = []
  cache.on('invalidateTags', ({ names }) => heard.push(...names))
  for (const tag of ['a', 'a/b', 'a/b/c', 'd']) {
    const before = await get()
    await cache.invalidateTags([tag])
    expect(await get()).toBe(before + 1)
  }
  await cache.clear()
  expect(indexed('fastly', ['a/b/c', 'd'], 'shop/eu')).toEqual(['shop', 'shop/eu', ...heard.slice(0, 4)])
  expect(heard.at(-1)).toBe('shop/eu')
})

describe.each(providers)('%s', (provider) => {
  test('different names stay different, whatever is in them', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        fc.pre(a !== b)
        const [one, other] = [purged(provider, [a]), purged(provider, [b])]
        expect(one[0]).not.toBe(other[0])
      }),
      { numRuns: 3000 },
    )
    const near = [
      'A',
      'a',
      '%41',
      '%61',
      '\u0141',
      '\u00141',
      '%u0141',
      'a b',
      'a,b',
      '\ud800',
      '\ufffd',
      '%many',
      'é',
      'e\u0301',
    ]
    expect(new Set(near.map((name) => purged(provider, [name])[0])).size).toBe(near.length)
  })

  test('only characters that the provider documents are sent, and nothing that would split a header', () => {
    const allowed = {
      cloudflare: /^[!-~]+$/,
      fastly: /^[ -~]+$/,
      cloudfront: /^[!-~]+$/,
      akamai: /^[\w!#$%&'+.^`|~,-]+$/,
    }
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), (tags) => {
        const [[, value]] = cdnTags(provider, { namespace: 'shop', tags }) as readonly [readonly [string, string]]
        expect(value).toMatch(allowed[provider])
        expect(() => new Headers([['x', value]])).not.toThrow()
      }),
      { numRuns: 1000 },
    )
  })

  test('a purge reaches every response that has the tag, one below it, or is in the namespace; also beyond the limits', () => {
    const paths = fc.array(texts, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'))
    const many = fc.integer({ min: 1, max: 1200 }).map((n) => Array.from({ length: n }, (_, i) => `many-tags-of-${i}`))
    const long = fc.integer({ min: 1, max: 2000 }).map((n) => [`É${'x'.repeat(n)}`])
    fc.assert(
      fc.property(fc.oneof(fc.array(paths, { minLength: 1, maxLength: 4 }), many, long), fc.nat(), (tags, seed) => {
        const tag = tags[seed % tags.length]!
        const steps = tag.split('/')
        const above = steps.slice(0, (seed % steps.length) + 1).join('/')
        const on = indexed(provider, tags, 'shop/eu')
        for (const name of [`shop/eu#${tag}`, `shop/eu#${above}`, 'shop/eu', 'shop']) {
          expect(hits(on, purged(provider, [name]))).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a purge leaves responses alone that have other tags or are in another namespace', () => {
    const on = indexed(provider, ['catalog/tv'])
    for (const name of [
      'shop#catalog/tvs',
      'shop#catalog/t',
      'shop#Catalog',
      'shop#tv',
      'blog#catalog/tv',
      'shop/eu',
    ]) {
      expect(hits(on, purged(provider, [name]))).toBe(false)
    }
  })
})

test('beyond a limit a response carries none of its tags, never some of them', () => {
  const tags = (n: number): string[] => Array.from({ length: n }, (_, i) => `t${i}`)
  const limits = { cloudfront: 50, akamai: 128, cloudflare: 1000 } as const
  for (const [provider, most] of Object.entries(limits) as [CdnProvider, number][]) {
    expect(indexed(provider, tags(most - 1))).toHaveLength(most)
    expect(indexed(provider, tags(most))).toEqual(['%many'])
  }
  const long = (length: number): string[] => ['x'.repeat(length - 'shop#'.length)]
  for (const [provider, longest] of [
    ['akamai', 128],
    ['cloudfront', 256],
    ['cloudflare', 1024],
    ['fastly', 1024],
  ] as const) {
    expect(indexed(provider, long(longest))).toHaveLength(2)
    expect(indexed(provider, long(longest + 1))).toEqual(['%many'])
  }
  const wide = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(1000, 'x'))
  for (const provider of providers) expect(indexed(provider, wide)).toEqual(['%many'])
})

test('purges come in parts, and take the crowded responses along once', () => {
  const names = Array.from({ length: 250 }, (_, i) => `shop#${i}`)
  const batches = purgeBatches('cloudflare', { names, size: 100 })
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 51])
  expect(batches.flat()).toEqual([...names, '%many'])
  expect(purgeBatches('fastly', { names: ['a', 'a'], size: 100 })).toEqual([['a', '%many']])
  expect(purgeBatches('fastly', { names: [], size: 100 })).toEqual([])
})
