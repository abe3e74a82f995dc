import type { Cache, Cached, CacheOptions, Duration, Invalidation, LoadContext, ReadResult } from '@shelflife/core'
import { createCache, toMilliseconds } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expectTypeOf, test } from 'vitest'

interface Product {
  readonly id: number
  readonly name: string
}

declare function loadProduct(id: number, language?: 'de' | 'en'): Promise<Product>

const cache = createCache({ namespace: 'shop', store: memoryStore() })

describe('cached', () => {
  test('a wrapped function has the parameters and the result of the function', () => {
    const getProduct = cache.cached(loadProduct, { name: 'product' })
    expectTypeOf(getProduct).toEqualTypeOf<Cached<[id: number, language?: 'de' | 'en'], Product>>()
    expectTypeOf(getProduct).parameters.toEqualTypeOf<Parameters<typeof loadProduct>>()
    expectTypeOf(getProduct).returns.toEqualTypeOf<Promise<Product>>()
    expectTypeOf(getProduct).toExtend<typeof loadProduct>()
    // @ts-expect-error a string is not an id
    void getProduct('42')
    // @ts-expect-error the id is missing
    void getProduct()
    // @ts-expect-error there is no such language
    void getProduct(42, 'fr')
  })

  test('its methods take the same arguments', () => {
    const getProduct = cache.cached(loadProduct, { name: 'product' })
    expectTypeOf(getProduct.read(42)).toEqualTypeOf<Promise<ReadResult<Product>>>()
    expectTypeOf(getProduct.peek(42)).toEqualTypeOf<Promise<Product | undefined>>()
    expectTypeOf(getProduct.refresh(42, 'de')).toEqualTypeOf<Promise<Product>>()
    expectTypeOf(getProduct.invalidate(42)).toEqualTypeOf<Promise<Invalidation>>()
    expectTypeOf(getProduct.expire(42)).toEqualTypeOf<Promise<Invalidation>>()
    expectTypeOf(getProduct.key(42)).toEqualTypeOf<string>()
    expectTypeOf(getProduct.set({ id: 42, name: 'tv' }, 42)).toEqualTypeOf<Promise<Invalidation>>()
    // @ts-expect-error a string is not an id
    void getProduct.invalidate('42')
    // @ts-expect-error the name is missing
    void getProduct.set({ id: 42 }, 42)
  })

  test('a synchronous function becomes asynchronous', () => {
    const size = cache.cached((text: string) => text.length, { name: 'size' })
    expectTypeOf(size).returns.toEqualTypeOf<Promise<number>>()
  })

  test('a union of results stays a union', () => {
    const find = cache.cached(async (id: number): Promise<Product | null> => (id > 0 ? loadProduct(id) : null), {
      name: 'find',
    })
    expectTypeOf(find).returns.toEqualTypeOf<Promise<Product | null>>()
  })

  test('undefined cannot be set, null can', () => {
    const find = cache.cached(async (_id: number): Promise<Product | null | undefined> => undefined, { name: 'find' })
    expectTypeOf(find).returns.toEqualTypeOf<Promise<Product | null | undefined>>()
    expectTypeOf(find.set).parameter(0).toEqualTypeOf<Product | null>()
    void find.set(null, 1)
    // @ts-expect-error undefined is "do not cache"
    void find.set(undefined, 1)
    // @ts-expect-error undefined is "do not cache"
    void cache.set('a', undefined)
  })

  test('rest parameters are kept', () => {
    const sum = cache.cached(async (...all: number[]) => all.length, { name: 'sum' })
    expectTypeOf(sum).parameters.toEqualTypeOf<number[]>()
    void sum(1, 2, 3)
    // @ts-expect-error a string is not a number
    void sum('1')
  })

  test('a default gives an inline parameter its type, and it stays optional', () => {
    const find = cache.cached(async (id: number, lang = 'en') => lang.toUpperCase() + id, {
      name: 'find',
      key: (id, lang) => [id, lang?.length],
      tags: (id) => [`find:${id.toFixed()}`],
    })
    expectTypeOf(find).toEqualTypeOf<Cached<[id: number, lang?: string], string>>()
    void find(1)
    void find(1, 'de')
    const page = cache.cached(async ({ at = 1 }: { at?: number } = {}) => at, { name: 'page' })
    expectTypeOf(page).toEqualTypeOf<Cached<[options?: { at?: number }], number>>()
  })

  test('a parameter that may be left out may be left out, whatever key and tags are called with', () => {
    const find = cache.cached(async (id: number, lang?: string) => `${id}${lang}`, {
      name: 'find',
      key: (id, lang) => [id, lang ?? 'en'],
      tags: (id, lang) => [`${id}`, `${lang}`],
    })
    expectTypeOf(find).toEqualTypeOf<Cached<[id: number, lang?: string], string>>()
    void find(1)
    const page = cache.cached(async (_context, id: number, lang: string = 'en') => `${id}${lang}`, {
      name: 'page',
      context: true,
      key: (id, lang) => [id, lang ?? 'en'],
    })
    expectTypeOf(page).toEqualTypeOf<Cached<[id: number, lang?: string], string>>()
  })

  test('type parameters are kept', () => {
    const first = cache.cached(async <Item>(items: readonly Item[]) => items[0], { name: 'first' })
    expectTypeOf(first([1, 2])).toEqualTypeOf<Promise<number | undefined>>()
    expectTypeOf(first(['a'])).toEqualTypeOf<Promise<string | undefined>>()
    expectTypeOf(first.invalidate([1])).toEqualTypeOf<Promise<Invalidation>>()
    // @ts-expect-error a number is no list
    void first(1)
  })

  test('several signatures are kept', () => {
    function find(id: number): Promise<Product>
    function find(slug: string, lang?: string): Promise<string>
    async function find(by: number | string): Promise<Product | string> {
      return String(by)
    }
    const cached = cache.cached(find, {
      name: 'find',
      // their parameters differ, so none of them has a name for all
      key: (...args) => args,
      tags: (...args) => [`find:${args[0]}`],
    })
    expectTypeOf(cached(1)).toEqualTypeOf<Promise<Product>>()
    expectTypeOf(cached('a', 'de')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(cached.invalidate(1)).toEqualTypeOf<Promise<Invalidation>>()
    expectTypeOf(cached.invalidate('a', 'de')).toEqualTypeOf<Promise<Invalidation>>()
    // @ts-expect-error no signature has it
    void cached(true)
  })

  test('what hangs on a function is not on the wrapped one', () => {
    const withMore = Object.assign(async (id: number) => id, { calls: 0 })
    expectTypeOf(cache.cached(withMore, { name: 'more' })).toEqualTypeOf<Cached<[id: number], number>>()
  })

  test('a wrapper of any function can be written', () => {
    const wrap = <Args extends readonly unknown[], Result>(fn: (...args: Args) => Result, name: string) =>
      cache.cached(fn, { name })
    const find = wrap(loadProduct, 'find')
    expectTypeOf(find(1)).toEqualTypeOf<Promise<Product>>()
    expectTypeOf(find.invalidate(1, 'de')).toEqualTypeOf<Promise<Invalidation>>()
  })

  test('a wrapper may be generic over the function itself', () => {
    // oxlint-disable-next-line typescript/no-explicit-any -- as such wrappers are written
    const wrap = <Fn extends (...args: any[]) => Promise<any>>(fn: Fn, name: string) => cache.cached(fn, { name })
    expectTypeOf(wrap(loadProduct, 'find')).toEqualTypeOf<Cached<[id: number, language?: 'de' | 'en'], Product>>()
    const wrapById = <Fn extends (id: number) => Promise<unknown>>(fn: Fn) =>
      cache.cached(fn, { name: 'find', tier: 'static', tags: ['products'] })
    expectTypeOf(wrapById(async (id: number) => `${id}`)).toEqualTypeOf<Cached<[id: number], string>>()
    // @ts-expect-error it would be given a number
    wrapById(async (slug: string) => slug)
  })

  test('a class, and what may be a function that needs its object, are errors', () => {
    class Products {
      readonly language = 'de'
      async find(this: Products, id: number) {
        return [this.language, id]
      }
    }
    // @ts-expect-error it needs `new`
    cache.cached(Products, { name: 'class' })
    const either = null as unknown as Products['find'] | ((id: number) => Promise<number>)
    // @ts-expect-error one of them needs its `this`
    cache.cached(either, { name: 'either' })
  })

  test('what is made of a function cannot be called where one of its signatures needs an object', () => {
    interface Products {
      first(this: Products, id: number): Promise<string>
      first(slug: string): Promise<number>
      last(slug: string): Promise<number>
      last(this: Products, id: number): Promise<string>
      each(this: Products, id: number): Promise<string>
      each(this: Products, slug: string): Promise<number>
    }
    const { first, last, each } = {} as Products
    // @ts-expect-error nobody gives it its `this`
    void cache.cached(first, { name: 'first' })('a')
    // @ts-expect-error nobody gives it its `this`
    void cache.cached(last, { name: 'last' })('a')
    // @ts-expect-error nobody gives it its `this`
    cache.cached(each, { name: 'each' })
  })

  test('a function that needs its object is an error', () => {
    class Products {
      readonly language = 'de'
      async find(this: Products, id: number) {
        return [this.language, id]
      }
      async plain(this: void, id: number) {
        return id
      }
      readonly own = cache.cached(async (id: number, lang = 'en') => `${this.language}${id}${lang}`, { name: 'own' })
    }
    const products = new Products()
    // @ts-expect-error nobody gives it its `this`
    cache.cached(products.find, { name: 'find' })
    // @ts-expect-error nor with a load context
    cache.cached(products.find, { name: 'find', context: true })
    expectTypeOf(cache.cached((id: number) => products.find(id), { name: 'find' })(1)).toEqualTypeOf<
      Promise<(string | number)[]>
    >()
    expectTypeOf(cache.cached(products.plain, { name: 'plain' })).toEqualTypeOf<Cached<[id: number], number>>()
    void products.own(1)
  })

  test('key and tags are given the arguments', () => {
    cache.cached(loadProduct, {
      name: 'product',
      key: (id, language) => {
        expectTypeOf(id).toEqualTypeOf<number>()
        expectTypeOf(language).toEqualTypeOf<'de' | 'en' | undefined>()
        return id
      },
      tags: (id) => {
        expectTypeOf(id).toEqualTypeOf<number>()
        return [`product:${id}`]
      },
    })
    // @ts-expect-error a tag is a string
    cache.cached(loadProduct, { name: 'product', tags: (id) => [id] })
  })

  test('a name is needed', () => {
    // @ts-expect-error anonymous functions would share keys
    cache.cached(loadProduct, {})
  })

  test('an option that does not exist is an error', () => {
    // @ts-expect-error it is called ttl
    cache.cached(loadProduct, { name: 'product', maxAge: 5 })
    // @ts-expect-error it is called isolation
    createCache({ namespace: 'shop', store: memoryStore(), clone: true })
  })
})

describe('load context', () => {
  test('with context: true the function is given one, and callers do not see it', () => {
    const getPage = cache.cached(
      async (context, slug: string) => {
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(context.key).toEqualTypeOf<string>()
        context.tag(`author/${slug}`, 'pages')
        context.lifetime({ tier: 'static', ttl: '5m' })
        context.skip()
        return { slug, author: 'x' }
      },
      { name: 'page', context: true },
    )
    expectTypeOf(getPage).parameters.toEqualTypeOf<[slug: string]>()
    expectTypeOf(getPage).returns.toEqualTypeOf<Promise<{ slug: string; author: string }>>()
  })

  test('the previous value has the type of the result', () => {
    const getPage = cache.cached(
      async (context: LoadContext<{ etag: string }>, slug: string): Promise<{ etag: string }> => {
        expectTypeOf(context.stale).toEqualTypeOf<
          { readonly value: { etag: string }; readonly age: number } | undefined
        >()
        return { etag: context.stale?.value.etag ?? slug }
      },
      { name: 'page', context: true },
    )
    expectTypeOf(getPage).toEqualTypeOf<Cached<[slug: string], { etag: string }>>()
  })

  test('a tier that does not exist is an error there too', () => {
    cache.cached(
      async (context) => {
        // @ts-expect-error it is called semiStatic
        context.lifetime({ tier: 'semistatic' })
        return 1
      },
      { name: 'page', context: true },
    )
  })

  test('without it the first argument is an argument', () => {
    const load = cache.cached(async (context: { user: string }) => context.user, { name: 'load' })
    expectTypeOf(load).parameters.toEqualTypeOf<[context: { user: string }]>()
  })

  test('getOrLoad has the type of what is loaded', () => {
    expectTypeOf(cache.getOrLoad('a', () => 1)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(cache.getOrLoad('a', async () => ({ a: 1 }))).toEqualTypeOf<Promise<{ a: number }>>()
    expectTypeOf(
      cache.getOrLoad('a', async (context) => {
        context.tag('b')
        return 'text'
      }),
    ).toEqualTypeOf<Promise<string>>()
  })
})

describe('tiers', () => {
  test('the default tiers are known, and a typo is an error', () => {
    expectTypeOf(cache).toEqualTypeOf<Cache>()
    for (const tier of ['realtime', 'dynamic', 'semiStatic', 'static', 'reference', 'manual', 'absent'] as const) {
      cache.cached(loadProduct, { name: 'product', tier })
    }
    // @ts-expect-error it is called semiStatic
    cache.cached(loadProduct, { name: 'product', tier: 'semistatic' })
    // @ts-expect-error it is called dynamic
    void cache.set('a', 1, { tier: 'dynamik' })
  })

  test("a tier of one's own is legal where the cache is used, and a typo is an error", () => {
    const own = createCache({ namespace: 'shop', store: memoryStore(), tiers: { quotes: { ttl: '200ms' } } })
    own.cached(loadProduct, { name: 'product', tier: 'quotes' })
    own.cached(loadProduct, { name: 'product', tier: 'static' })
    own.namespace('eu').cached(loadProduct, { name: 'product', tier: 'quotes' })
    void own.set('a', 1, { tier: 'quotes' })
    void own.getOrLoad('a', () => 1, { tier: 'quotes' })
    // @ts-expect-error it is called quotes
    own.cached(loadProduct, { name: 'product', tier: 'quote' })
    // @ts-expect-error it is called quotes
    own.namespace('eu').cached(loadProduct, { name: 'product', tier: 'Quotes' })
    // @ts-expect-error a cache without it does not know it
    cache.cached(loadProduct, { name: 'product', tier: 'quotes' })
  })

  test('a tier may extend a default tier or another one, and a typo is an error', () => {
    createCache({
      namespace: 'shop',
      store: memoryStore(),
      tiers: {
        quotes: { extends: 'realtime', ttl: '200ms' },
        slowQuotes: { extends: 'quotes', ttl: '2s' },
        dynamic: { ttl: '2m' },
      },
    })
    createCache({
      namespace: 'shop',
      store: memoryStore(),
      tiers: {
        quotes: { ttl: '200ms' },
        // @ts-expect-error it is called quotes
        slowQuotes: { extends: 'quote', ttl: '2s' },
      },
    })
    createCache({
      namespace: 'shop',
      store: memoryStore(),
      tiers: {
        // @ts-expect-error it is called realtime
        quotes: { extends: 'realtme', ttl: '200ms' },
      },
    })
  })

  test('a lifetime that does not exist in a tier is an error', () => {
    createCache({
      namespace: 'shop',
      store: memoryStore(),
      // @ts-expect-error it is called staleWhileRevalidate
      tiers: { quotes: { ttl: '200ms', grace: '5s' } },
    })
    // @ts-expect-error there is no unit x
    createCache({ namespace: 'shop', store: memoryStore(), tiers: { quotes: { ttl: '200x' } } })
  })
})

describe('durations', () => {
  test('numbers and texts with units are durations', () => {
    expectTypeOf<5>().toExtend<Duration>()
    expectTypeOf<'500ms'>().toExtend<Duration>()
    expectTypeOf<'30s'>().toExtend<Duration>()
    expectTypeOf<'5m'>().toExtend<Duration>()
    expectTypeOf<'1h30m'>().toExtend<Duration>()
    expectTypeOf<'1d12h30m'>().toExtend<Duration>()
    expectTypeOf<'7d'>().toExtend<Duration>()
    expectTypeOf<'1.5h'>().toExtend<Duration>()
    expectTypeOf(toMilliseconds('1h30m', 'ttl')).toEqualTypeOf<number>()
  })

  test('other texts are not', () => {
    expectTypeOf<''>().not.toExtend<Duration>()
    expectTypeOf<'5'>().not.toExtend<Duration>()
    expectTypeOf<'m'>().not.toExtend<Duration>()
    expectTypeOf<'5x'>().not.toExtend<Duration>()
    expectTypeOf<'5 minutes'>().not.toExtend<Duration>()
    expectTypeOf<'none'>().not.toExtend<Duration>()
    expectTypeOf<string>().not.toExtend<Duration>()
  })

  test("'none' is a ttl and no other duration", () => {
    cache.cached(loadProduct, { name: 'product', ttl: 'none' })
    // @ts-expect-error windows have an end
    cache.cached(loadProduct, { name: 'product', staleIfError: 'none' })
    // @ts-expect-error a limit that is none is not stated
    createCache({ namespace: 'shop', store: memoryStore(), maxLifetime: 'none' })
  })
})

describe('createCache', () => {
  test('a store is needed, and two only in their order', () => {
    // @ts-expect-error there is no store
    createCache({ namespace: 'shop' })
    // @ts-expect-error two local stores
    createCache({ namespace: 'shop', store: [memoryStore(), memoryStore()] })
  })

  test('its options can be written down on their own', () => {
    const options: CacheOptions<'quotes'> = {
      namespace: 'shop',
      store: memoryStore(),
      tiers: { quotes: { ttl: '200ms' } },
      logger: console,
    }
    createCache(options).cached(loadProduct, { name: 'product', tier: 'quotes' })
  })

  test('every event has its own type, and a typo is an error', () => {
    cache.on('stale', (event) => {
      expectTypeOf(event.because).toEqualTypeOf<'refreshing' | 'load-failed' | 'load-slow'>()
    })
    cache.on('storeError', (event) => {
      expectTypeOf(event.command).toEqualTypeOf<string>()
    })
    // @ts-expect-error it is called miss
    cache.on('misses', () => {})
  })

  test('what is read by key has the type that is asked for', () => {
    expectTypeOf(cache.get<Product>(['product', 42])).toEqualTypeOf<Promise<Product | undefined>>()
    expectTypeOf(cache.get('a')).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(cache.read<Product>('a')).toEqualTypeOf<Promise<ReadResult<Product> | undefined>>()
    // @ts-expect-error a function is not a key
    void cache.get(() => 1)
  })
})
