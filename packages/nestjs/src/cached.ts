import { ShelflifeError } from '@shelflife/core'
import type { Cached as CachedFunction } from '@shelflife/core'
import { isObservable } from 'rxjs'

import type { CachedMethodOptions, CachedSpec } from './cached-spec.ts'
import { noteSpec, specFor } from './cached-spec.ts'
import { cachingOf, requestCaching } from './caching-of.ts'
import { methodsOf } from './methods-of.ts'
import type { ArgumentsDecorator } from './method-decorator.ts'
import { wrapMethod } from './wrap-method.ts'

function refuseObservable(result: unknown, { owner, property }: CachedSpec): unknown {
  if (!isObservable(result)) return result
  const method = `${(owner as { readonly name?: string }).name}.${String(property)}`
  throw new ShelflifeError('invalid-option', `@Cached: ${method} must return a promise; received an Observable`)
}

/**
 * Answers an async method of any provider, controller, resolver or message handler from the cache that its module sees,
 * whoever calls it. The arguments make the key. An instance that was made without Nest runs the method itself.
 *
 * Callbacks get the arguments of the method: annotate theirs, and the compiler compares them. Without a `key` two
 * instances of one class would share their values, so that is an error, and so is a provider in request scope.
 *
 * @throws ShelflifeError when the application starts: `invalid-option`, `invalid-duration`, `duplicate-name`; at once where
 * it stands at a static member, an accessor or a property
 * @example
 * @Cached({ tier: 'semiStatic', tags: (id: number) => [`product:${id}`] })
 * async find(id: number): Promise<Product> {}
 */
export function Cached<
  Args extends readonly unknown[],
  This = unknown,
  TagArgs extends readonly unknown[] = Args,
  Value = unknown,
>(
  options: CachedMethodOptions<Args, This, TagArgs, Value> = {},
): ArgumentsDecorator<Args, This, Promise<Value>, TagArgs> {
  return (target, property, descriptor: PropertyDescriptor) => {
    wrapMethod({ decorator: '@Cached', target, property, descriptor }, (original) => {
      requestCaching(target)
      const spec: CachedSpec = {
        owner: target.constructor,
        property,
        options: options as unknown as CachedSpec['options'],
        load: (self, ...args) => refuseObservable(Reflect.apply(original, self, args), spec),
      }
      noteSpec(target, spec)
      return function (this: object, ...args: unknown[]) {
        const caching = cachingOf(this)
        if (caching === undefined) return Reflect.apply(original, this, args)
        try {
          return caching.method(this, spec)(this, ...args)
        } catch (error) {
          return Promise.reject(error as Error)
        }
      }
    })
  }
}

type CachedOf<Method> = Method extends (...args: infer Args) => Promise<infer Value>
  ? CachedFunction<Args, Value>
  : never

/** The name of a method of an instance, whatever other decorators have put in its place. */
const nameOf = (instance: object, method: unknown): string | undefined =>
  methodsOf(Object.getPrototypeOf(instance) as object).find((name) => Reflect.get(instance, name) === method)

/**
 * What else a cached method can: `invalidate`, `refresh`, `peek`, `set`, `expire`, `key`, `read`. A private method is given
 * itself, by its own class: its name is nobody's but that class's.
 *
 * @throws ShelflifeError `invalid-option` for a method without `@Cached`, or an instance that Nest did not make
 * @example
 * await cachedMethod(this.products, 'find').invalidate(42)
 * await cachedMethod(this, this.load).invalidate(42)
 */
export function cachedMethod<Instance extends object, Name extends keyof Instance & (string | symbol)>(
  instance: Instance,
  name: Name,
): CachedOf<Instance[Name]>
export function cachedMethod<Method extends (...args: never[]) => Promise<unknown>>(
  instance: object,
  method: Method,
): CachedOf<Method>
export function cachedMethod(instance: object, stated: string | symbol | ((...args: never[]) => unknown)): unknown {
  const caching = cachingOf(instance)
  const name = typeof stated === 'function' ? nameOf(instance, stated) : stated
  const spec = name === undefined ? undefined : specFor(Object.getPrototypeOf(instance) as object, name)
  if (caching === undefined || spec === undefined) {
    const shown = name ?? (stated as { readonly name: string }).name
    throw new ShelflifeError(
      'invalid-option',
      `cachedMethod: ${String(shown)} has no @Cached, or no CacheModule is there`,
    )
  }
  const ofAll = caching.method(instance, spec)
  const bound = (...args: unknown[]) => ofAll(instance, ...args)
  return Object.assign(bound, {
    read: (...args: unknown[]) => ofAll.read(instance, ...args),
    peek: (...args: unknown[]) => ofAll.peek(instance, ...args),
    refresh: (...args: unknown[]) => ofAll.refresh(instance, ...args),
    set: (value: {}, ...args: unknown[]) => ofAll.set(value, instance, ...args),
    invalidate: (...args: unknown[]) => ofAll.invalidate(instance, ...args),
    expire: (...args: unknown[]) => ofAll.expire(instance, ...args),
    key: (...args: unknown[]) => ofAll.key(instance, ...args),
  })
}
