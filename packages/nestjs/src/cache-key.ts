import type { ExecutionContext } from '@nestjs/common'
import { SetMetadata } from '@nestjs/common'

const KEY = 'shelflife:cache-key'
const TTL = 'shelflife:cache-ttl'

/** Works out a key for one call; `undefined`: do not cache it. */
export type CacheKeyFactory = (context: ExecutionContext) => string | undefined

/** Works out a lifetime for one call, in milliseconds. */
export type CacheTTLFactory = (context: ExecutionContext) => number | Promise<number>

/**
 * What `CacheInterceptor` keeps under, in the place of the URL: as in `@nestjs/cache-manager`.
 *
 * @example
 * @CacheKey('products')
 * @Get()
 */
export const CacheKey = (key: string | CacheKeyFactory): MethodDecorator => SetMetadata(KEY, key)

/**
 * How long `CacheInterceptor` keeps what a handler, or each handler of a class, returns: milliseconds; 0: until it is
 * deleted. As in `@nestjs/cache-manager`.
 *
 * @example
 * @CacheTTL(5000)
 * @Get()
 */
export const CacheTTL = (ttl: number | CacheTTLFactory): MethodDecorator & ClassDecorator => SetMetadata(TTL, ttl)

/** What `@CacheKey` says for one call. */
export function statedKey(context: ExecutionContext): string | undefined {
  const stated = Reflect.getMetadata(KEY, context.getHandler()) as string | CacheKeyFactory | undefined
  return typeof stated === 'function' ? stated(context) : stated
}

/** What `@CacheTTL` says for one call. */
export async function statedTtl(context: ExecutionContext): Promise<number | undefined> {
  const [handler, type] = [context.getHandler(), context.getClass()]
  const stated = (Reflect.getMetadata(TTL, handler) ?? Reflect.getMetadata(TTL, type)) as
    | number
    | CacheTTLFactory
    | undefined
  return typeof stated === 'function' ? await stated(context) : stated
}
