import type { Cache, Cached } from '@shelflife/core'
import { encodeArguments, toMilliseconds } from '@shelflife/core'
import { statedArguments } from '@shelflife/core/integration'
import type { ResponseCache, ResponseCacheOptions, Route, RouteOptions } from '@shelflife/http'
import { createResponseCache } from '@shelflife/http'

import type { CachedSpec } from './cached-spec.ts'
import { nameFor } from './cached-spec.ts'
import { perPair } from './per-pair.ts'
import type { RouteFactsOf } from './route-facts.ts'

type MethodOfAll = Cached<readonly [self: object, ...args: unknown[]], unknown>

/** One cache, or one namespace of it, as decorators use it. */
export interface Caching {
  readonly cache: Cache<string>
  /** What responses are invalidated with. */
  readonly responses: ResponseCache<string>
  /** How long a handler may go on for nobody, in milliseconds. */
  readonly patience: number
  /** What the application decides about its routes. */
  readonly facts: RouteFactsOf
  /** The cached form of a decorated method, for all instances of a class. */
  method(type: object, spec: CachedSpec): MethodOfAll
  /** The route of a handler of a class. */
  route<Request>(type: object, handler: object, options: () => RouteOptions<string, Request>): Route<Request>
}

/** Has what no key can have refused as the argument that it is; of plain values there is nothing to refuse. */
function checked(args: readonly unknown[]): readonly unknown[] {
  if (args.some((arg) => !PLAIN.has(typeof arg))) encodeArguments(args)
  return args
}

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean', 'undefined'])

interface CachingInput {
  readonly cache: Cache<string>
  readonly facts: RouteFactsOf
  readonly options?: Omit<ResponseCacheOptions<string>, 'cache'> | undefined
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function createCaching({ cache, facts, options = {} }: CachingInput): Caching {
  const methodOf = perPair<object, object, MethodOfAll>()
  const routeOf = perPair<object, object, Route<never>>()
  const patience = toMilliseconds(options.maxFillTime ?? 30_000, 'maxFillTime')
  let responses: ResponseCache<string> | undefined

  const caching: Caching = {
    cache,
    patience,
    facts,
    get responses() {
      return (responses ??= createResponseCache({ ...options, cache }))
    },
    method(type, spec) {
      return methodOf(type, spec, () => {
        const { load, options: stated } = spec
        const { key, tags, name: _name, ...rest } = stated
        return cache.cached(load, {
          ...rest,
          name: nameFor(type, spec),
          key:
            key === undefined
              ? (_self, ...args) => statedArguments(checked(args))
              : (self, ...args) => Reflect.apply(key, self, args),
          ...(tags !== undefined && {
            tags: typeof tags === 'function' ? (self, ...args) => Reflect.apply(tags, self, args) : tags,
          }),
        })
      })
    },
    route<Request>(type: object, handler: object, stated: () => RouteOptions<string, Request>) {
      return routeOf(type, handler, () => caching.responses.route(stated()) as Route<never>) as Route<Request>
    },
  }
  return caching
}
