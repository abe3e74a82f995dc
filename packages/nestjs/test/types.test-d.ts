import { test } from 'vitest'

import type { Decisions } from '../src/index.ts'
import { CacheDecisions, Cached, cachedMethod, CacheInvalidate } from '../src/index.ts'

test('callbacks take the arguments of the method that they stand at', () => {
  class Products {
    readonly tenant = 'a'

    @Cached({ key: (id: number) => id, tags: (id: number, _lang: string) => [`product:${id}`] })
    async find(id: number, lang: string) {
      return { id, lang }
    }
    @Cached<[id: number]>({ key: (id) => id.toFixed() })
    async stated(id: number) {
      return id
    }
    @Cached({
      key(this: Products, id: number) {
        return [this.tenant, id]
      },
    })
    async own(id: number) {
      return id
    }
    @Cached({
      key: (id: number) => id,
      decide(context, found: { shop: string } | null) {
        if (found === null) context.skip()
        else context.tag(found.shop)
      },
    })
    async decided(_id: number): Promise<{ shop: string } | null> {
      return null
    }
    @Cached()
    private async hidden(id: number) {
      return `${id}`
    }
    async ofHidden() {
      const text: string = await cachedMethod(this, this.hidden)(1)
      // @ts-expect-error no such argument
      await cachedMethod(this, this.hidden).invalidate('1')
      return text
    }
    @Cached()
    async any(_id: number, _more?: readonly string[]) {}

    // @ts-expect-error the method has no such argument
    @Cached({ key: (id: string) => id })
    async mismatched(id: number) {
      return id
    }
    // @ts-expect-error the method has fewer arguments
    @Cached({ key: (id: number, lang: string) => [id, lang] })
    async fewer(id: number) {
      return id
    }
    // @ts-expect-error the method returns something else
    @Cached({ decide: (_context, value: string) => void value })
    async otherValue() {
      return 1
    }
    // @ts-expect-error the method is not async
    @Cached()
    sync(id: number) {
      return id
    }
    // @ts-expect-error no instance gives a static method its cache
    @Cached()
    static async all() {}
    // @ts-expect-error an accessor is no method
    @Cached()
    get first() {
      return Promise.resolve(1)
    }
    // @ts-expect-error a property is none either
    @Cached()
    readonly arrow = async () => 1
    // @ts-expect-error the method has no such argument
    @CacheInvalidate({ tags: (id: string) => [id] })
    async update(_id: number) {}
  }
  const products = new Products()
  const find = cachedMethod(products, 'find')
  void find.invalidate(1, 'en')
  // @ts-expect-error an argument is missing
  void find.invalidate(1)
  // @ts-expect-error no such argument
  void find('1', 'en')
})

test('what a handler decides with has its type from this package', () => {
  class Products {
    find(@CacheDecisions() decisions: Decisions) {
      decisions.tag('product')
    }
  }
  void Products
})
