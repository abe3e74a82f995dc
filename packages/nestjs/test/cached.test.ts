import { Controller, Get, Injectable, SetMetadata } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { of } from 'rxjs'
import { expect, test } from 'vitest'

import { Cached, cachedMethod, CacheInvalidate } from '../src/index.ts'
import { context, moduleWith } from './context.ts'

test('a method runs once for each of its arguments, whoever calls it', async () => {
  const runs: number[] = []
  @Injectable()
  class Products {
    @Cached({ tier: 'semiStatic' })
    async find(id: number) {
      runs.push(id)
      return { id }
    }
    async names(ids: readonly number[]) {
      return Promise.all(ids.map(async (id) => (await this.find(id)).id))
    }
  }
  const products = (await context(moduleWith([Products]))).get(Products)
  expect(await products.find(1)).toEqual({ id: 1 })
  expect(await products.names([1, 2, 1])).toEqual([1, 2, 1])
  expect(runs).toEqual([1, 2])
})

test('a method has the rest of the cache: invalidate, set, peek, key', async () => {
  let runs = 0
  @Injectable()
  class Products {
    @Cached()
    async find(id: number) {
      return `${id}: ${++runs}`
    }
  }
  const products = (await context(moduleWith([Products]))).get(Products)
  const find = cachedMethod(products, 'find')
  expect(await products.find(1)).toBe('1: 1')
  await find.invalidate(1)
  expect(await find.peek(1)).toBeUndefined()
  expect(await find(1)).toBe('1: 2')
  await find.set('set', 1)
  expect(await products.find(1)).toBe('set')
  expect(find.key(1)).toContain('test/Products.find(')
  expect(() => cachedMethod(new Products(), 'find')).toThrow('no CacheModule')
})

test('two applications of one process have caches of their own', async () => {
  let runs = 0
  @Injectable()
  class Counter {
    @Cached()
    async count() {
      return ++runs
    }
  }
  const one = (await context(moduleWith([Counter]))).get(Counter)
  const two = (await context(moduleWith([Counter]))).get(Counter)
  expect([await one.count(), await two.count(), await one.count(), await two.count()]).toEqual([1, 2, 1, 2])
})

test('an inherited method has values of its own in every class, also below one that calls it', async () => {
  abstract class Repository {
    abstract readonly what: string
    @Cached()
    async find(id: number): Promise<string> {
      return `${this.what} ${id}`
    }
  }
  @Injectable()
  class Users extends Repository {
    readonly what = 'user'
  }
  @Injectable()
  class Tasks extends Repository {
    readonly what = 'task'
    @Cached()
    override async find(id: number) {
      return `the ${await super.find(id)}`
    }
  }
  const app = await context(moduleWith([Users, Tasks]))
  for (const _ of [1, 2]) {
    expect(await app.get(Users).find(1)).toBe('user 1')
    expect(await app.get(Tasks).find(1)).toBe('the task 1')
  }
})

test('what a factory makes is cached too, and what was made without Nest runs every time', async () => {
  let runs = 0
  class Made {
    @Cached()
    async count() {
      return ++runs
    }
  }
  const made = (await context(moduleWith([{ provide: Made, useFactory: () => new Made() }]))).get(Made)
  expect([await made.count(), await made.count()]).toEqual([1, 1])
  const bare = new Made()
  expect([await bare.count(), await bare.count()]).toEqual([2, 3])
})

test('the metadata of other decorators survives above and below', async () => {
  @Controller()
  class Marked {
    @SetMetadata('above', 1)
    @Get('x')
    @Cached()
    @SetMetadata('below', 2)
    async x() {
      return 'x'
    }
  }
  const reflector = new Reflector()
  expect(reflector.get('above', Marked.prototype.x)).toBe(1)
  expect(reflector.get('below', Marked.prototype.x)).toBe(2)
  expect(Marked.prototype.x.name).toBe('x')
})

test('two classes of one name are told apart by an error when the application starts', async () => {
  const made = () => {
    @Injectable()
    class Same {
      @Cached()
      async find() {
        return 1
      }
    }
    return Same
  }
  await expect(context(moduleWith([made(), made()]))).rejects.toThrow('Same.find')
})

test('an unknown tier is an error when the application starts', async () => {
  @Injectable()
  class Wrong {
    @Cached({ tier: 'nonsense' })
    async find() {
      return 1
    }
  }
  await expect(context(moduleWith([Wrong]))).rejects.toThrow('nonsense')
})

test('an Observable is refused, and an argument that no key can have is named', async () => {
  @Injectable()
  class Odd {
    @Cached()
    async stream(): Promise<unknown> {
      return 1
    }
    @Cached()
    async find(_request: object) {
      return 1
    }
  }
  const app = await context(moduleWith([Odd]))
  await expect(app.get(Odd).find(new (class Request {})())).rejects.toThrow('argument 1')
  @Injectable()
  class Streaming {
    @Cached()
    find(): Promise<unknown> {
      return of(1) as unknown as Promise<unknown>
    }
  }
  const streaming = (await context(moduleWith([Streaming]))).get(Streaming)
  await expect(streaming.find()).rejects.toThrow('Streaming.find must return a promise')
})

test('a value decides whether, for how long and with which tags it is kept', async () => {
  let runs = 0
  @Injectable()
  class Products {
    readonly prefix = 'shop'
    @Cached({
      decide(this: Products, context, product: { id: number; shop: string; isDraft: boolean } | null) {
        if (product === null || product.isDraft) context.skip()
        else context.tag(`${this.prefix}:${product.shop}`)
      },
    })
    async find(id: number) {
      runs++
      return id === 0 ? null : { id, shop: 'a', isDraft: id > 1 }
    }
    @Cached({
      decide(context) {
        context.lifetime({ ttl: 1 })
        throw new Error('not decided')
      },
    })
    async undecided() {
      return 1
    }
    @CacheInvalidate({ tags: ['shop:a'] })
    async changeShop() {}
  }
  const products = (await context(moduleWith([Products]))).get(Products)
  for (const id of [0, 1, 2]) for (const _ of [1, 2]) await products.find(id)
  expect(runs).toBe(5)
  await products.changeShop()
  await products.find(1)
  expect(runs).toBe(6)
  await expect(products.undecided()).rejects.toThrow('not decided')
})

test('a private method has the rest of the cache as well, inside of its class', async () => {
  let runs = 0
  @Injectable()
  class Products {
    @Cached()
    @SetMetadata('below', 1)
    private async load(id: number) {
      return `${id}: ${++runs}`
    }
    find(id: number) {
      return this.load(id)
    }
    change(id: number) {
      return cachedMethod(this, this.load).invalidate(id)
    }
    other() {
      return cachedMethod(this, this.find)
    }
  }
  const products = (await context(moduleWith([Products]))).get(Products)
  expect([await products.find(1), await products.find(1)]).toEqual(['1: 1', '1: 1'])
  await products.change(1)
  expect(await products.find(1)).toBe('1: 2')
  expect(() => products.other()).toThrow('find has no @Cached')
})
