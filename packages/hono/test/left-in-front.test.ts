import { AsyncLocalStorage } from 'node:async_hooks'

import { createCache } from '@shelflife/core'
import type { Moment } from '@shelflife/http-suite'
import { describeInFront, flagPathsOf, MOMENTS, pathOf, QUESTIONS } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import type { Context, Next } from 'hono'
import { Hono } from 'hono'
import { contextStorage, getContext } from 'hono/context-storage'
import { stream } from 'hono/streaming'

import { cacheResponses } from '../src/index.ts'
import { serveApp } from './serve-app.ts'

type Loose = Record<string | symbol, unknown>
type Env = { readonly Variables: { thing: unknown; user: unknown } }
type C = Context<Env>

interface Means {
  leave(c: C, next: Next, who: string): Promise<unknown>
  read(c: C): unknown
}

const things = new AsyncLocalStorage<{ readonly who: string }>()
const loose = (object: object): Loose => object as Loose

/** Something that is set at once. */
const set = (leave: (c: C, who: string) => void, read: Means['read']): Means => ({
  leave(c, next, who) {
    leave(c, who)
    return next()
  },
  read,
})

const MEANS: Readonly<Record<string, Means>> = {
  'a variable': set(
    (c, who) => c.set('thing', who),
    (c) => c.get('thing'),
  ),
  'a variable, by its name': set(
    (c, who) => c.set('thing', who),
    (c) => c.var.thing,
  ),
  'a variable, among all of them': set(
    (c, who) => c.set('thing', who),
    (c) => ({ ...c.var }).thing,
  ),
  'a variable, by the context of the moment': {
    leave: (c, next, who) =>
      contextStorage()(c, async () => {
        c.set('thing', who)
        await next()
      }) as Promise<unknown>,
    read: () => getContext<Env>().var.thing,
  },
  'a user': set(
    (c, who) => c.set('user', { who }),
    (c) => (c.get('user') as Loose)['who'],
  ),
  'a property of the context': set(
    (c, who) => void (loose(c)['thing'] = who),
    (c) => loose(c)['thing'],
  ),
  'a property of the request of Hono': set(
    (c, who) => void (loose(c.req)['thing'] = who),
    (c) => loose(c.req)['thing'],
  ),
  'a property of the request': set(
    (c, who) => void (loose(c.req.raw)['thing'] = who),
    (c) => loose(c.req.raw)['thing'],
  ),
  'a header': set(
    (c, who) => {
      const headers = new Headers(c.req.raw.headers)
      headers.set('x-thing', who)
      c.req.raw = new Request(c.req.url, { headers })
    },
    (c) => c.req.header('x-thing'),
  ),
  'what a validator has found': set(
    (c, who) => c.req.addValidatedData('header', { who }),
    (c) => (c.req as unknown as { valid(target: string): Loose }).valid('header')['who'],
  ),
  'a property of the environment': set(
    (c, who) => void (loose(c.env as object)['thing'] = who),
    (c) => loose(c.env as object)['thing'],
  ),
  'what the environment inherits': set(
    (c, who) => void (c.env = Object.assign(Object.create({ thing: who }) as object, c.env)),
    (c) => loose(c.env as object)['thing'],
  ),
  'a method in the place of `get`': set(
    (c, who) => void (c.get = () => who),
    (c) => c.get('thing'),
  ),
  'an async context': {
    leave: (_c, next, who) => things.run({ who }, next),
    read: () => things.getStore()?.who,
  },
  'an async context that is entered': {
    leave(_c, next, who) {
      things.enterWith({ who })
      return next()
    },
    read: () => things.getStore()?.who,
  },
}

/** Where a flag may be. */
const PLACES: Readonly<Record<string, { leave(c: C): void; find(c: C): Loose }>> = {
  variables: { leave: (c) => c.set('special' as never, true as never), find: (c) => c.var },
  ...Object.fromEntries(
    Object.entries({
      'the context': (c: C) => loose(c),
      'the request of Hono': (c: C) => loose(c.req),
      'the request': (c: C) => loose(c.req.raw),
      'the environment': (c: C) => loose(c.env as object),
    }).map(([place, find]) => [place, { leave: (c: C) => void (find(c)['special'] = true), find }]),
  ),
}

/** Answers with what is read at a moment. */
const READ: Readonly<Record<Moment, (c: C, read: () => unknown) => Response | Promise<Response>>> = {
  'at once': (c, read) => c.text(`for ${String(read())}`),
  async later(c, read) {
    await new Promise((resolve) => void setImmediate(resolve))
    return c.text(`for ${String(read())}`)
  },
  'while it sends': (c, read) =>
    stream(c, async (to) => {
      await to.write('for ')
      await new Promise((resolve) => void setImmediate(resolve))
      await to.write(String(read()))
    }),
  'after an error'() {
    throw new Error('failed')
  },
}

describeInFront('Hono on Node', {
  means: Object.keys(MEANS),
  places: Object.keys(PLACES),
  async mount() {
    const shop = createCache({ namespace: 'in-front', store: memoryStore() })
    const { cache } = cacheResponses({ cache: shop, onUnkeyedInput: () => {} })
    const app = new Hono<Env>()
    app.get('/control', cache({ ttl: '1m' }), (c) => c.text('for all'))
    const reads = new Map<string, Means['read']>()
    app.onError((_error, c) => c.text(`for ${String(reads.get(c.req.path)?.(c))}`, 418))
    for (const [one, { leave, read }] of Object.entries(MEANS)) {
      for (const moment of MOMENTS) {
        reads.set(pathOf(one, moment), read)
        app.get(
          pathOf(one, moment),
          async (c, next) => void (await leave(c, next, c.req.header('x-who') ?? '')),
          cache({ ttl: '1m', statuses: [418] }),
          (c) => READ[moment](c, () => read(c)),
        )
      }
    }
    for (const [place, { leave, find }] of Object.entries(PLACES)) {
      for (const [question, isThere] of Object.entries(QUESTIONS)) {
        for (const path of flagPathsOf(place, question)) {
          app.get(
            path,
            async (c, next) => {
              if (c.req.header('x-who') === 'alice') leave(c)
              await next()
            },
            cache({ ttl: '1m', inputs: 'warn' }),
            (c) => c.text(isThere(find(c), 'special') ? 'there' : 'not there'),
          )
        }
      }
    }
    const { url, close } = await serveApp(app)
    return {
      origin: url,
      async close() {
        await close()
        await shop.close()
      },
    }
  },
})
