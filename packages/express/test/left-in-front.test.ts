import { AsyncLocalStorage } from 'node:async_hooks'

import { createCache } from '@shelflife/core'
import type { Moment } from '@shelflife/http-suite'
import { describeInFront, flagPathsOf, MOMENTS, pathOf, QUESTIONS } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import type { NextFunction, Request, Response } from 'express'

import { cacheResponses } from '../src/index.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { mounted } from './mounted.ts'

interface Means {
  leave(req: Request, res: Response, next: NextFunction, who: string): void
  read(req: Request, res: Response): unknown
}

type Loose = Record<string | symbol, unknown>

const THING = Symbol('thing')
const things = new AsyncLocalStorage<{ readonly who: string }>()
const loose = (object: object): Loose => object as Loose

/** Something that is set at once. */
const set = (leave: (req: Request, res: Response, who: string) => void, read: Means['read']): Means => ({
  leave(req, res, next, who) {
    leave(req, res, who)
    next()
  },
  read,
})

/** What it knows stands in no property of its own. */
class Client {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  get name(): string {
    return this.#name
  }
}

const MEANS: Readonly<Record<string, Means>> = {
  'a property': set(
    (req, _res, who) => void (loose(req)['thing'] = who),
    (req) => loose(req)['thing'],
  ),
  'a property that cannot be changed': set(
    (req, _res, who) => void Object.defineProperty(req, 'thing', { value: who }),
    (req) => loose(req)['thing'],
  ),
  'an accessor': set(
    (req, _res, who) => void Object.defineProperty(req, 'thing', { get: () => who, configurable: true }),
    (req) => loose(req)['thing'],
  ),
  'a symbol': set(
    (req, _res, who) => void (loose(req)[THING] = who),
    (req) => loose(req)[THING],
  ),
  ...Object.fromEntries(
    ['kUser', 'asyncUser', 'http.user', 'nodejs.user', 'router.user'].map((name) => {
      const symbol = Symbol(name)
      const means = set(
        (req, _res, who) => void (loose(req)[symbol] = who),
        (req) => loose(req)[symbol],
      )
      return [`a symbol that is called ${name}`, means]
    }),
  ),
  'a method': set(
    (req, _res, who) => void (loose(req)['thing'] = () => who),
    (req) => (loose(req)['thing'] as () => string)(),
  ),
  'a property of an object': set(
    (req, _res, who) => void (loose(req)['context'] = { who }),
    (req) => (loose(req)['context'] as Loose)['who'],
  ),
  'a user': set(
    (req, _res, who) => void (loose(req)['user'] = { who }),
    (req) => (loose(req)['user'] as Loose)['who'],
  ),
  'a property of the response': set(
    (_req, res, who) => void (loose(res)['thing'] = who),
    (_req, res) => loose(res)['thing'],
  ),
  locals: set(
    (_req, res, who) => void (res.locals['thing'] = who),
    (_req, res) => res.locals['thing'],
  ),
  'locals, all of them': set(
    (_req, res, who) => void (res.locals['thing'] = who),
    (_req, res) => ({ ...res.locals })['thing'],
  ),
  'locals, by the request': set(
    (_req, res, who) => void (res.locals['thing'] = who),
    (req) => req.res?.locals['thing'],
  ),
  'locals that inherit': set(
    (_req, res, who) => void (res.locals = Object.create({ who }) as Loose),
    (_req, res) => res.locals['who'],
  ),
  'locals whose prototype was replaced': set(
    (_req, res, who) => void Object.setPrototypeOf(res.locals, { who }),
    (_req, res) => res.locals['who'],
  ),
  'locals that are a map': set(
    (_req, res, who) => void (res.locals = new Map([['who', who]]) as never),
    (_req, res) => (res.locals as unknown as Map<string, string>).get('who'),
  ),
  'locals of a class': set(
    (_req, res, who) => void (res.locals = new Client(who) as never),
    (_req, res) => res.locals['name'] as unknown,
  ),
  'locals that are a proxy': set(
    (_req, res, who) => void (res.locals = new Proxy({}, { get: () => who })),
    (_req, res) => res.locals['who'] as unknown,
  ),
  'a body that inherits': set(
    (req, _res, who) => void (req.body = Object.create({ who })),
    (req) => (req.body as Loose)['who'],
  ),
  'parameters of the path that inherit': set(
    (req, _res, who) => void (req.params = Object.create({ who }) as Record<string, string>),
    (req) => req.params['who'],
  ),
  'a body': set(
    (req, _res, who) => void (req.body = { who }),
    (req) => (req.body as Loose)['who'],
  ),
  'a cookie that the request does not carry': set(
    (req, _res, who) => void (req.cookies = { who }),
    (req) => (req.cookies as Loose)['who'],
  ),
  'a signed cookie that the request does not carry': set(
    (req, _res, who) => void (req.signedCookies = { who }),
    (req) => (req.signedCookies as Loose)['who'],
  ),
  'a query': set(
    (req, _res, who) =>
      void Object.defineProperty(req, 'query', { value: { who }, configurable: true, writable: true }),
    (req) => req.query['who'],
  ),
  'a parameter of the path': set(
    (req, _res, who) => void (req.params['who'] = who),
    (req) => req.params['who'],
  ),
  'a property in the place of one of Express': set(
    (req, _res, who) => void Object.defineProperty(req, 'hostname', { value: who, configurable: true }),
    (req) => req.hostname,
  ),
  'an address in the place of that of Express': set(
    (req, _res, who) => void Object.defineProperty(req, 'ip', { value: who, configurable: true }),
    (req) => req.ip,
  ),
  'a method in the place of one of Express': set(
    (req, _res, who) => void (loose(req)['get'] = () => who),
    (req) => req.get('x-anything'),
  ),
  'a property of the connection': set(
    (req, _res, who) => void (loose(req.socket)['thing'] = who),
    (req) => loose(req.socket)['thing'],
  ),
  'a property of the connection, by the response': set(
    (req, _res, who) => void (loose(req.socket)['thing'] = who),
    (_req, res) => loose(res.socket ?? {})['thing'],
  ),
  ...Object.fromEntries(
    ['client', 'socket', 'next', 'originalUrl', 'res', 'route', 'baseUrl', 'httpVersion', 'statusMessage'].map(
      (name) => {
        const means = set(
          (req, _res, who) => void (loose(req)[name] = { who }),
          (req) => (loose(req)[name] as Loose)['who'],
        )
        return [`what is called ${name} as one of Express or Node`, means]
      },
    ),
  ),
  ...Object.fromEntries(
    (['app', 'req', 'statusMessage'] as const).map((name) => {
      const means = set(
        (_req, res, who) =>
          void (loose(res)[name] = Object.assign(Object.create(Object(res[name]) as object), { who })),
        (_req, res) => (loose(res)[name] as Loose)['who'],
      )
      return [`what is called ${name} as one of the response`, means]
    }),
  ),
  'an application in the place of its own': set(
    (req, _res, who) => void (loose(req)['app'] = { who }),
    (req) => (req.app as unknown as Loose)['who'],
  ),
  ...Object.fromEntries(
    ['_thing', 'server', 'timeout', 'servername', 'encrypted'].map((name) => {
      const means = set(
        (req, _res, who) => void (loose(req.socket)[name] = { who }),
        (req) => (loose(req.socket)[name] as Loose)['who'],
      )
      return [`what is called ${name} as one of a socket`, means]
    }),
  ),
  'a symbol of the connection': set(
    (req, _res, who) => void (loose(req.socket)[THING] = who),
    (req) => loose(req.socket)[THING],
  ),
  'a header of the response': set(
    (_req, res, who) => void res.set('X-Thing', who),
    (_req, res) => res.get('X-Thing'),
  ),
  'a header of the response, among all of them': set(
    (_req, res, who) => void res.set('X-Thing', who),
    (_req, res) => res.getHeaders()['x-thing'],
  ),
  ...Object.fromEntries(
    ['Set-Cookie', 'Content-Security-Policy', 'Content-Language', 'Link', 'Warning'].map((name) => {
      const means = set(
        (_req, res, who) => void res.set(name, who),
        (_req, res) => res.get(name),
      )
      return [`the header ${name} of the response`, means]
    }),
  ),
  'a cookie of the response, beside one of the handler': set(
    (_req, res, who) => void res.append('Set-Cookie', `who=${who}`),
    (_req, res) => [(res.headersSent ? res : res.cookie('own', '1')).get('Set-Cookie')].flat()[0]?.slice(4),
  ),
  'a header of the response, among their names': set(
    (_req, res, who) => void res.set(`X-For-${who}`, 'yes'),
    (_req, res) =>
      res
        .getHeaderNames()
        .find((name) => name.startsWith('x-for-'))
        ?.slice(6),
  ),
  'a header': set(
    (req, _res, who) => void (req.headers['x-thing'] = who),
    (req) => req.get('x-thing'),
  ),
  'a target': set(
    (req, _res, who) => void (req.url = `${req.url}?who=${who}`),
    (req) => new URL(req.url, 'http://a.test').searchParams.get('who'),
  ),
  'an async context': {
    leave: (_req, _res, next, who) => things.run({ who }, next),
    read: () => things.getStore()?.who,
  },
  'an async context that is entered': {
    leave(_req, _res, next, who) {
      things.enterWith({ who })
      next()
    },
    read: () => things.getStore()?.who,
  },
}

/** Where a flag may be. */
const PLACES: Readonly<Record<string, (req: Request, res: Response) => Loose>> = {
  'the request': (req) => loose(req),
  'the response': (_req, res) => loose(res),
  locals: (_req, res) => loose(res.locals),
  'the body': (req) => loose((req.body ??= {}) as object),
  'parameters of the path': (req) => loose(req.params),
  'the query'(req) {
    // Express 5 makes another one each time
    const value = { ...req.query }
    if (!Object.hasOwn(req, 'query'))
      Object.defineProperty(req, 'query', { value, configurable: true, enumerable: true })
    return loose(req.query)
  },
}

/** Answers with what is read at a moment. */
const READ: Readonly<Record<Moment, (read: () => unknown, res: Response, next: NextFunction) => void>> = {
  'at once': (read, res) => void res.send(`for ${String(read())}`),
  later: (read, res) => void setImmediate(() => res.send(`for ${String(read())}`)),
  'while it sends'(read, res) {
    res.write('for ')
    setImmediate(() => res.end(String(read())))
  },
  'after an error': (_read, _res, next) => next(new Error('failed')),
}

for (const { name, express } of FRAMEWORKS) {
  describeInFront(name, {
    means: Object.keys(MEANS),
    places: Object.keys(PLACES),
    async mount() {
      const shop = createCache({ namespace: 'in-front', store: memoryStore() })
      const { cache } = cacheResponses({ cache: shop, onUnkeyedInput: () => {} })
      const app = express()
      app.get('/control', cache({ ttl: '1m' }), (_req, res) => void res.send('for all'))
      for (const [one, { leave, read }] of Object.entries(MEANS)) {
        for (const moment of MOMENTS) {
          app.get(
            pathOf(one, moment),
            (req: Request, res: Response, next: NextFunction) => leave(req, res, next, req.get('x-who') ?? ''),
            cache({ ttl: '1m', statuses: [418] }),
            (req: Request, res: Response, next: NextFunction) => READ[moment](() => read(req, res), res, next),
            (_error: unknown, req: Request, res: Response, _next: NextFunction) =>
              void res.status(418).send(`for ${String(read(req, res))}`),
          )
        }
      }
      for (const [place, find] of Object.entries(PLACES)) {
        for (const [question, isThere] of Object.entries(QUESTIONS)) {
          app.get(
            [...flagPathsOf(place, question)],
            (req: Request, res: Response, next: NextFunction) => {
              if (req.get('x-who') === 'alice') find(req, res)['special'] = true
              next()
            },
            cache({ ttl: '1m', inputs: 'warn' }),
            (req: Request, res: Response) => void res.send(isThere(find(req, res), 'special') ? 'there' : 'not there'),
          )
        }
      }
      const { url, ...server } = await mounted(app, () => shop.close())
      return { origin: url, ...server }
    },
  })
}
