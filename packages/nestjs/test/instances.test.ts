import type { INestApplicationContext } from '@nestjs/common'
import { Controller, Inject, Injectable, Module, Scope } from '@nestjs/common'
import { ContextIdFactory, ModuleRef, REQUEST } from '@nestjs/core'
import { expect, test } from 'vitest'

import { Cached, cachedMethod } from '../src/index.ts'
import { context, moduleWith } from './context.ts'

let runs = 0

/** One that is told which table it is of. */
class Repo {
  readonly table: string
  constructor(table: string) {
    this.table = table
  }
  @Cached()
  async find(id: number) {
    return `${this.table} ${id}`
  }
}

const reposOf = (type: new (table: string) => object) => [
  { provide: 'USERS', useFactory: () => new type('users') },
  { provide: 'ORDERS', useFactory: () => new type('orders') },
]

test('two instances of one class do not share what is cached, but stop the application', async () => {
  await expect(context(moduleWith(reposOf(Repo)))).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/@Cached: two instances .* Repo\.find; state a key/),
  })
})

test('a class that two modules provide is two instances as well', async () => {
  @Injectable()
  class Shared {
    @Cached()
    async find() {
      return 1
    }
  }
  @Module({ providers: [Shared] })
  class Other {}
  await expect(context(moduleWith([Shared], [Other]))).rejects.toThrow('Shared.find')
})

test('a key tells instances apart, or says that they may share', async () => {
  class Keyed extends Repo {
    @Cached({
      key(this: Keyed, id: number) {
        return [this.table, id]
      },
    })
    override async find(id: number) {
      return `${this.table} ${id}`
    }
    @Cached({ key: (id: number) => id })
    async same(_id: number) {
      return ++runs
    }
  }
  const app = await context(moduleWith(reposOf(Keyed)))
  const [users, orders] = [app.get<Keyed>('USERS'), app.get<Keyed>('ORDERS')]
  expect([await users.find(1), await orders.find(1)]).toEqual(['users 1', 'orders 1'])
  expect(await users.same(1)).toBe(await orders.same(1))
})

test('one instance under several tokens, in several modules, is one', async () => {
  @Injectable()
  class One {
    @Cached()
    async find() {
      return ++runs
    }
  }
  const app = await context(moduleWith([One, { provide: 'ALIAS', useExisting: One }]))
  expect(await app.get(One).find()).toBe(await app.get<One>('ALIAS').find())
})

test('instances that are made while the application runs are told at their first call', async () => {
  @Injectable({ scope: Scope.TRANSIENT })
  class Passing {
    @Cached()
    async count() {
      return ++runs
    }
  }
  @Injectable()
  class Job {
    @Cached()
    async run() {
      return ++runs
    }
  }
  const app = await context(moduleWith([Passing]))
  const passing = await app.resolve(Passing)
  expect(await passing.count()).toBe(await passing.count())
  const other = await app.resolve(Passing)
  await expect(other.count()).rejects.toThrow('Passing.count')
  expect(() => cachedMethod(other, 'count')).toThrow('Passing.count')
  const [one, two] = [await app.get(ModuleRef).create(Job), await app.get(ModuleRef).create(Job)]
  await one.run()
  await expect(two.run()).rejects.toThrow('Job.run')
})

async function forTenant<T>(app: INestApplicationContext, type: new (...args: never[]) => T, tenant: string) {
  const id = ContextIdFactory.create()
  app.registerRequestByContextId({ tenant }, id)
  return app.resolve(type as never, id) as Promise<T>
}

test('what is made for one request is cached by a key, and without one the application does not start', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class Tenant {
    constructor(@Inject(REQUEST) readonly request: { readonly tenant: string }) {}
    @Cached({
      key(this: Tenant, id: number) {
        return [this.request.tenant, id]
      },
    })
    async find(id: number) {
      return `${this.request.tenant} ${id}`
    }
  }
  const app = await context(moduleWith([Tenant]))
  for (const tenant of ['a', 'b']) expect(await (await forTenant(app, Tenant, tenant)).find(1)).toBe(`${tenant} 1`)

  @Injectable({ scope: Scope.REQUEST })
  class Open {
    @Cached()
    async find(id: number) {
      return id
    }
  }
  @Injectable()
  class Above {
    constructor(@Inject(Tenant) readonly tenant: Tenant) {}
    @Cached()
    async find(id: number) {
      return this.tenant.find(id)
    }
  }
  for (const providers of [[Open], [Tenant, Above]]) {
    await expect(context(moduleWith(providers))).rejects.toThrow(/of all requests .*find; state a key/)
  }
})

test('the same holds for controllers', async () => {
  @Controller({ scope: Scope.REQUEST })
  class Pages {
    @Cached()
    async find() {
      return 1
    }
  }
  @Module({ controllers: [Pages] })
  class PagesModule {}
  await expect(context(moduleWith([], [PagesModule]))).rejects.toThrow('Pages.find')
})
