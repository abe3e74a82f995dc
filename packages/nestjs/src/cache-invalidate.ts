import type { InvalidationOptions } from '@shelflife/core'
import { checkNames, checkTags, refuseOption } from '@shelflife/core/integration'
import { UseInterceptors } from '@nestjs/common'
import { concat, defer, from, ignoreElements, isObservable } from 'rxjs'

import { cachingOf, requestCaching } from './caching-of.ts'
import { InvalidatingInterceptor } from './invalidating-interceptor.ts'
import type { ArgumentsDecorator, Later } from './method-decorator.ts'
import { wrapMethod } from './wrap-method.ts'

/** Options of `@CacheInvalidate`. */
export interface CacheInvalidateOptions<Args extends readonly unknown[], This> extends InvalidationOptions {
  /** What is invalidated, worked out and judged before the method runs; a function is called with the instance as `this`. */
  readonly tags: readonly string[] | ((this: This, ...args: Args) => readonly string[])
}

const OPTIONS = new Set(['tags', 'require'])

/**
 * Invalidates tags when a method has succeeded, before its caller knows; nothing when it throws. Elsewhere known as
 * CacheEvict. An Observable has succeeded when it completes. On a route that writes, what is stored of its URI is void as
 * well, before the client gets the answer.
 *
 * @throws ShelflifeError `invalid-option` for wrong options, and at a static member, an accessor or a property
 * @example
 * @CacheInvalidate({ tags: (id: number) => [`product:${id}`, 'products'] })
 * async update(id: number, change: Change): Promise<Product> {}
 */
export function CacheInvalidate<Args extends readonly unknown[], This = unknown>(
  options: CacheInvalidateOptions<Args, This>,
): ArgumentsDecorator<Args, This, Later> {
  checkNames('options of @CacheInvalidate', options, OPTIONS)
  const { tags, require } = options
  if (typeof tags !== 'function' && !Array.isArray(tags)) {
    refuseOption('tags', 'a list, or a function that returns one', tags)
  }
  return (target, property, descriptor: PropertyDescriptor) => {
    wrapMethod({ decorator: '@CacheInvalidate', target, property, descriptor }, (original) => {
      requestCaching(target)
      return function (this: object, ...args: unknown[]) {
        const caching = cachingOf(this)
        if (caching === undefined) return Reflect.apply(original, this, args)
        const all = typeof tags === 'function' ? (Reflect.apply(tags, this, args) as readonly string[]) : tags
        // before anything is written
        checkTags(all)
        const invalidate = () => caching.cache.invalidateTags(all, { require })
        const result = Reflect.apply(original, this, args)
        if (isObservable(result)) {
          return concat(result, defer(() => from(invalidate())).pipe(ignoreElements()))
        }
        return Promise.resolve(result).then(async (value: unknown) => {
          await invalidate()
          return value
        })
      }
    })
    UseInterceptors(InvalidatingInterceptor)(target, property, descriptor)
  }
}
