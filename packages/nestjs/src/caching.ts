import type { Cache, Cached, LoadContext } from '@shelflife/core'
import { encodeArguments, toMilliseconds } from '@shelflife/core'
import { statedArguments } from '@shelflife/core/integration'
import type { ResponseCache, ResponseCacheOptions, Route, RouteOptions } from '@shelflife/http'
import { createResponseCache } from '@shelflife/http'

import type { CachedSpec } from './cached-spec.ts'
import { nameFor } from './cached-spec.ts'
import { oneInstance } from './one-instance.ts'
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
  /** Has what is wrong about a decorated method of a class told. */
  prepare(type: object, spec: CachedSpec): void
  /** The cached form of a decorated method, for all instances of a class where a key tells them apart, else for one. */
  method(instance: object, spec: CachedSpec): MethodOfAll
  /** The route of a handler of a class. */
  route<Request>(type: object, handler: object, options: () => RouteOptions<string, Request>): Route<Request>
}

/** Has what no key can have refused as the argument that it is; of plain values there is nothing to refuse. */
function checked(args: readonly unknown[]): readonly unknown[] {
  if (args.some((arg) => !PLAIN.has(typeof arg))) encodeArguments(args)
  return args
}

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean', 'undefined'])

/** Runs a method, and what its value decides. */
const decided =
  ({ load }: CachedSpec, decide: NonNullable<CachedSpec['options']['decide']>) =>
  async (context: LoadContext, self: object, ...args: unknown[]): Promise<unknown> => {
    const value = await load(self, ...args)
    await Reflect.apply(decide, self, [context, value])
    return value
  }

interface CachingInput {
  readonly cache: Cache<string>
  readonly facts: RouteFactsOf
  readonly options?: Omit<ResponseCacheOptions<string>, 'cache'> | undefined
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function createCaching({ cache, facts, options = {} }: CachingInput): Caching {
  const methodOf = perPair<object, object, MethodOfAll>()
  const refuseSecond = oneInstance()
  const routeOf = perPair<object, object, Route<never>>()
  const patience = toMilliseconds(options.maxFillTime ?? 30_000, 'maxFillTime')
  let responses: ResponseCache<string> | undefined

  const methodFor = (type: object, spec: CachedSpec): MethodOfAll =>
    methodOf(type, spec, () => {
      const { key, tags, decide, name: _name, ...rest } = spec.options
      const load = decide === undefined ? spec.load : decided(spec, decide)
      const options = {
        ...rest,
        name: nameFor(type, spec),
        context: decide !== undefined,
        key:
          key === undefined
            ? (_self: object, ...args: unknown[]) => statedArguments(checked(args))
            : (self: object, ...args: unknown[]) => Reflect.apply(key, self, args) as unknown,
        ...(tags !== undefined && {
          tags:
            typeof tags === 'function'
              ? (self: object, ...args: unknown[]) => Reflect.apply(tags, self, args) as readonly string[]
              : tags,
        }),
      }
      return cache.cached(load as never, options as never) as unknown as MethodOfAll
    })

  const caching: Caching = {
    cache,
    patience,
    facts,
    get responses() {
      return (responses ??= createResponseCache({ ...options, cache }))
    },
    prepare: (type, spec) => void methodFor(type, spec),
    method(instance, spec) {
      refuseSecond(instance, spec)
      return methodFor(instance.constructor, spec)
    },
    route<Request>(type: object, handler: object, stated: () => RouteOptions<string, Request>) {
      return routeOf(type, handler, () => caching.responses.route(stated()) as Route<never>) as Route<Request>
    },
  }
  return caching
}
