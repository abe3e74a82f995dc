import type { ArgumentsHost, CanActivate, ExceptionFilter, INestApplication, NestInterceptor } from '@nestjs/common'
import { Controller, Get, Module, Req, Res, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { createCache } from '@shelflife/core'
import type { Moment } from '@shelflife/http-suite'
import { describeInFront, flagPathsOf, MOMENTS, pathOf, QUESTIONS } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'

import { CacheModule, CacheResponse } from '../src/index.ts'
import type { Adapter } from './platforms.ts'
import { listen } from './platforms.ts'

type Loose = Record<string | symbol, unknown>
type Both = { readonly raw?: Loose } & Loose

/** Two objects, whatever the platform. */
interface Pair {
  readonly request: Both
  readonly response: Both
}

interface Means {
  /** As a middleware, which gets what Node has on Fastify as well. */
  readonly middleware?: (pair: Pair, who: string, next: () => void) => void
  readonly guard?: (pair: Pair, who: string) => void
  readonly interceptor?: NestInterceptor
  read(pair: Pair): unknown
  /** Whether only the handler can read it, and no filter. Default false. */
  readonly isInside?: boolean
}

const THING = Symbol('thing')
const things = new AsyncLocalStorage<{ readonly who: string }>()
const kept = new WeakMap<object, unknown>()
const rawOf = (both: Both): Loose => both.raw ?? both
const pairOf = (context: ArgumentsHost): Pair => {
  const http = context.switchToHttp()
  return { request: http.getRequest<Both>(), response: http.getResponse<Both>() }
}

/** Something that a middleware sets at once. */
const set = (leave: (pair: Pair, who: string) => void, read: Means['read']): Means => ({
  middleware(pair, who, next) {
    leave(pair, who)
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
    ({ request }, who) => void (request['thing'] = who),
    ({ request }) => rawOf(request)['thing'],
  ),
  'a property that cannot be changed': set(
    ({ request }, who) => void Object.defineProperty(request, 'thing', { value: who }),
    ({ request }) => rawOf(request)['thing'],
  ),
  'an accessor': set(
    ({ request }, who) => void Object.defineProperty(request, 'thing', { get: () => who, configurable: true }),
    ({ request }) => rawOf(request)['thing'],
  ),
  'a symbol': set(
    ({ request }, who) => void (request[THING] = who),
    ({ request }) => rawOf(request)[THING],
  ),
  'a method': set(
    ({ request }, who) => void (request['thing'] = () => who),
    ({ request }) => (rawOf(request)['thing'] as () => string)(),
  ),
  'a property of an object': set(
    ({ request }, who) => void (request['context'] = { who }),
    ({ request }) => (rawOf(request)['context'] as Loose)['who'],
  ),
  'a property of the response': set(
    ({ response }, who) => void (response['thing'] = who),
    ({ response }) => rawOf(response)['thing'],
  ),
  'a property in the place of one of the platform': set(
    ({ request }, who) => void Object.defineProperty(request, 'hostname', { value: who, configurable: true }),
    ({ request }) => rawOf(request)['hostname'],
  ),
  'an address in the place of that of the platform': set(
    ({ request }, who) => void Object.defineProperty(request, 'ip', { value: who, configurable: true }),
    ({ request }) => rawOf(request)['ip'],
  ),
  'a property of the connection': set(
    ({ request }, who) => void ((request['socket'] as Loose)['thing'] = who),
    ({ request }) => (rawOf(request)['socket'] as Loose)['thing'],
  ),
  'a property of the connection, by the response': set(
    ({ request }, who) => void ((request['socket'] as Loose)['thing'] = who),
    ({ response }) => (rawOf(response)['socket'] as Loose | null)?.['thing'],
  ),
  ...Object.fromEntries(
    ['_thing', 'server', 'timeout', 'encrypted'].map((name) => {
      const means = set(
        ({ request }, who) => void ((request['socket'] as Loose)[name] = { who }),
        ({ request }) => ((rawOf(request)['socket'] as Loose)[name] as Loose)['who'],
      )
      return [`what is called ${name} as one of a socket`, means]
    }),
  ),
  ...Object.fromEntries(
    ['app', 'client', 'next', 'res', 'route', 'baseUrl', 'httpVersion', 'statusMessage', 'hosts'].flatMap(
      (name): [string, Means][] => [
        [
          `what is called ${name} as one of a platform or Node`,
          {
            guard: ({ request }, who) => void (request[name] = { who }),
            read: ({ request }) => (request[name] as Loose)['who'],
          },
        ],
        [
          `what is called ${name} as one of a platform, on the request of Node`,
          {
            guard: ({ request }, who) => void (rawOf(request)[name] = { who }),
            read: ({ request }) => (rawOf(request)[name] as Loose)['who'],
          },
        ],
      ],
    ),
  ),
  ...Object.fromEntries(
    ['sendDate', 'statusMessage'].map((name): [string, Means] => [
      `what is called ${name} as one of a response`,
      {
        guard: ({ response }, who) =>
          void Object.defineProperty(response, name, { value: { who }, configurable: true, writable: true }),
        read: ({ response }) => (response[name] as Loose)['who'],
      },
    ]),
  ),
  'a client of an interceptor outside': {
    guard: ({ request }, who) => void (request['user'] = { who }),
    interceptor: {
      intercept(context, next) {
        const { request } = pairOf(context)
        request['client'] = { who: (request['user'] as Loose)['who'] }
        return next.handle()
      },
    },
    read: ({ request }) => (request['client'] as Loose)['who'],
  },
  'a header of an interceptor outside': {
    guard: ({ request }, who) => void (request['user'] = { who }),
    interceptor: {
      intercept(context, next) {
        const { request } = pairOf(context)
        ;(request['headers'] as Loose)['x-thing'] = (request['user'] as Loose)['who']
        return next.handle()
      },
    },
    read: ({ request }) => (request['headers'] as Loose)['x-thing'],
  },
  'all headers of an interceptor outside': {
    guard: ({ request }, who) => void (request['user'] = { who }),
    interceptor: {
      intercept(context, next) {
        const { request } = pairOf(context)
        request['headers'] = { 'x-thing': (request['user'] as Loose)['who'] }
        return next.handle()
      },
    },
    read: ({ request }) => (request['headers'] as Loose)['x-thing'],
  },
  'a cookie that the request does not carry': set(
    ({ request }, who) => void (request['cookies'] = { who }),
    ({ request }) => (rawOf(request)['cookies'] as Loose)['who'],
  ),
  'a cookie of a guard that the request does not carry': {
    guard: ({ request }, who) => void (request['cookies'] = { who }),
    read: ({ request }) => (request['cookies'] as Loose)['who'],
  },
  'a header of the response': set(
    ({ response }, who) => void nodeOf(response).setHeader('X-Thing', who),
    ({ response }) => nodeOf(response).getHeader('X-Thing'),
  ),
  ...Object.fromEntries(
    ['Set-Cookie', 'Content-Security-Policy', 'Content-Language', 'Link', 'Warning'].map((name) => {
      const means = set(
        ({ response }, who) => void nodeOf(response).setHeader(name, who),
        ({ response }) => nodeOf(response).getHeader(name),
      )
      return [`the header ${name} of the response`, means]
    }),
  ),
  'a header of the response, among their names': set(
    ({ response }, who) => void nodeOf(response).setHeader(`X-For-${who}`, 'yes'),
    ({ response }) =>
      nodeOf(response)
        .getHeaderNames()
        .find((name) => name.startsWith('x-for-'))
        ?.slice(6),
  ),
  'a header of the response, of the platform': {
    guard: ({ response }, who) => void (response as Reply).header('X-Thing', who),
    read: ({ response }) => (response as Reply).getHeader('X-Thing'),
  },
  ...Object.fromEntries(
    (['response', 'response of Node'] as const).flatMap((whose) => {
      const of = (response: Both): Loose => (whose === 'response' ? response : rawOf(response))
      const locals = (pair: Pair): Loose => of(pair.response)['locals'] as Loose
      const kinds: Readonly<Record<string, readonly [make: (who: string) => object, read: (of: Loose) => unknown]>> = {
        'that are plain': [(who) => ({ who }), ({ who }) => who],
        'that inherit': [(who) => Object.create({ who }) as object, ({ who }) => who],
        'that are a map': [
          (who) => new Map([['who', who]]),
          (map) => (map as unknown as Map<string, string>).get('who'),
        ],
        'of a class': [(who) => new Client(who), ({ name }) => name],
        'that are a proxy': [(who) => new Proxy({}, { get: () => who }), ({ who }) => who],
      }
      return Object.entries(kinds).map(([kind, [make, read]]): [string, Means] => [
        `locals of the ${whose} ${kind}`,
        {
          guard: ({ response }, who) => void (of(response)['locals'] = make(who)),
          read: (pair) => read(locals(pair)),
        },
      ])
    }),
  ),
  'a header': set(
    ({ request }, who) => void ((request['headers'] as Loose)['x-thing'] = who),
    ({ request }) => (request['headers'] as Loose)['x-thing'],
  ),
  'an async context': {
    middleware: (_pair, who, next) => things.run({ who }, next),
    read: () => things.getStore()?.who,
  },
  'an async context that is entered': {
    middleware(_pair, who, next) {
      things.enterWith({ who })
      next()
    },
    read: () => things.getStore()?.who,
  },
  'a property of a guard': {
    guard: ({ request }, who) => void (request['thing'] = who),
    read: ({ request }) => request['thing'],
  },
  'a user of a guard': {
    guard: ({ request }, who) => void (request['user'] = { who }),
    read: ({ request }) => (request['user'] as Loose)['who'],
  },
  'a symbol of a guard': {
    guard: ({ request }, who) => void (request[THING] = who),
    read: ({ request }) => request[THING],
  },
  ...Object.fromEntries(
    ['kUser', 'asyncUser', 'fastify.user', 'router.user'].map((name): [string, Means] => {
      const symbol = Symbol(name)
      const guard: Means['guard'] = ({ request }, who) => void (request[symbol] = who)
      return [`a symbol of a guard that is called ${name}`, { guard, read: ({ request }) => request[symbol] }]
    }),
  ),
  'a property of the response of a guard': {
    guard: ({ response }, who) => void (response['thing'] = who),
    read: ({ response }) => response['thing'],
  },
  'a property of an interceptor outside': {
    guard: ({ request }, who) => void (request['user'] = { who }),
    interceptor: {
      intercept(context, next) {
        const { request } = pairOf(context)
        request['thing'] = (request['user'] as Loose)['who']
        return next.handle()
      },
    },
    read: ({ request }) => request['thing'],
  },
  'an async context that an interceptor outside reads before': {
    middleware: (_pair, who, next) => things.run({ who }, next),
    interceptor: {
      intercept(context, next) {
        pairOf(context).response['thing'] = things.getStore()?.who
        return next.handle()
      },
    },
    read: ({ response }) => response['thing'],
  },
  'an async context that an interceptor outside reads and keeps to itself': {
    middleware: (_pair, who, next) => things.run({ who }, next),
    interceptor: {
      intercept(context, next) {
        kept.set(pairOf(context).request, things.getStore()?.who)
        return next.handle()
      },
    },
    read: ({ request }) => kept.get(request),
  },
  'an async context of an interceptor outside': {
    guard: ({ request }, who) => void (request['user'] = { who }),
    interceptor: {
      intercept: (context, next) =>
        things.run(pairOf(context).request['user'] as { readonly who: string }, () => next.handle()),
    },
    read: () => things.getStore()?.who,
    isInside: true,
  },
}

interface Reply extends Both {
  send(body: string): unknown
  header(name: string, value: string): unknown
  getHeader(name: string): unknown
  status(status: number): Reply
}

const nodeOf = (response: Both): ServerResponse => rawOf(response) as unknown as ServerResponse

/** Answers with what is read at a moment. */
const READ: Readonly<Record<Exclude<Moment, 'after an error'>, (read: () => unknown, response: Reply) => void>> = {
  'at once': (read, response) => void response.send(`for ${String(read())}`),
  later: (read, response) => void setImmediate(() => response.send(`for ${String(read())}`)),
  'while it sends'(read, response) {
    nodeOf(response).write('for ')
    setImmediate(() => nodeOf(response).end(String(read())))
  },
}

function controllerOf(means: Means, path: string, moment: Moment) {
  const guard: CanActivate = {
    canActivate(context) {
      const pair = pairOf(context)
      means.guard?.(pair, String((pair.request['headers'] as Loose)['x-who']))
      return true
    },
  }
  const filter: ExceptionFilter = {
    catch(error: Loose, host) {
      const pair = pairOf(host)
      const who = means.isInside === true ? error['who'] : means.read(pair)
      ;(pair.response as Reply).status(418).send(`for ${String(who)}`)
    },
  }

  @Controller()
  @UseInterceptors(...(means.interceptor === undefined ? [] : [means.interceptor]))
  class LeftInFront {
    @Get(path)
    @UseGuards(guard)
    @UseFilters(filter)
    @CacheResponse({ ttl: '1m', statuses: [418] })
    answer(@Req() request: Both, @Res() response: Reply) {
      const read = (): unknown => means.read({ request, response })
      if (moment === 'after an error')
        throw Object.assign(new Error('failed'), means.isInside === true && { who: read() })
      READ[moment](read, response)
    }
  }
  return LeftInFront
}

/** Where a flag may be. */
const PLACES: Readonly<Record<string, (pair: Pair) => Loose>> = {
  'the request': ({ request }) => request,
  'the request of Node': ({ request }) => rawOf(request),
  'the response': ({ response }) => response,
  'the response of Node': ({ response }) => rawOf(response),
  locals: ({ response }) => (response['locals'] ??= {}) as Loose,
  'the body': ({ request }) => (request['body'] ??= {}) as Loose,
  'the body of Node': ({ request }) => (rawOf(request)['body'] ??= {}) as Loose,
  'parameters of the path': ({ request }) => request['params'] as Loose,
  'the query'({ request }) {
    // Express 5 makes another one each time
    const value = { ...(request['query'] as Loose) }
    if (!Object.hasOwn(request, 'query'))
      Object.defineProperty(request, 'query', { value, configurable: true, enumerable: true })
    return request['query'] as Loose
  },
}

const FLAGS = Object.entries(PLACES).flatMap(([place, find]) =>
  Object.entries(QUESTIONS).flatMap(([question, isThere]) => {
    const guard: CanActivate = {
      canActivate(context) {
        const pair = pairOf(context)
        if ((pair.request['headers'] as Loose)['x-who'] === 'alice') find(pair)['special'] = true
        return true
      },
    }
    return flagPathsOf(place, question).map((path) => {
      @Controller()
      class Flag {
        @Get(path)
        @UseGuards(guard)
        @CacheResponse({ ttl: '1m', inputs: 'warn' })
        answer(@Req() request: Both, @Res({ passthrough: true }) response: Both) {
          return isThere(find({ request, response }), 'special') ? 'there' : 'not there'
        }
      }
      return Flag
    })
  }),
)

@Controller()
class Control {
  @Get('control')
  @CacheResponse({ ttl: '1m' })
  control() {
    return 'for all'
  }
}

const PATHS = Object.entries(MEANS).flatMap(([name, means]) =>
  MOMENTS.map((moment) => ({ means, moment, path: pathOf(name, moment) })),
)

function leaveInFront(app: INestApplication): void {
  app.use((request: Both, response: Both, next: () => void) => {
    const { means } = PATHS.find(({ path }) => path === request['url']) ?? {}
    if (means?.middleware === undefined) return next()
    means.middleware({ request, response }, String((request['headers'] as Loose)['x-who']), next)
  })
}

const ADAPTERS: readonly (readonly [string, Adapter])[] = [
  ['NestJS on Express', () => new ExpressAdapter()],
  ['NestJS on Fastify', () => new FastifyAdapter() as never],
]

for (const [name, adapter] of ADAPTERS) {
  describeInFront(name, {
    means: Object.keys(MEANS),
    places: Object.keys(PLACES),
    async mount() {
      const cache = createCache({ namespace: 'in-front', store: memoryStore() })
      @Module({
        imports: [CacheModule.forRoot({ cache, responses: { onUnkeyedInput: () => {} } })],
        controllers: [Control, ...FLAGS, ...PATHS.map(({ means, path, moment }) => controllerOf(means, path, moment))],
      })
      class AppModule {}
      const { app, url } = await listen(adapter, AppModule, { configure: leaveInFront })
      return {
        origin: url,
        async close() {
          await app.close()
          await cache.close()
        },
      }
    },
  })
}
