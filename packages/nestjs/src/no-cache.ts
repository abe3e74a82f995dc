import { SetMetadata } from '@nestjs/common'

const NO_CACHE = 'shelflife:no-cache'

/**
 * Takes a route out of the `@CacheResponse()` or the `CacheInterceptor` of its controller or of the application.
 *
 * @example
 * @NoCache()
 * @Get('now')
 */
export const NoCache = (): MethodDecorator & ClassDecorator => SetMetadata(NO_CACHE, true)

/** Whether a handler or its class is marked. */
export const isMarkedNoCache = (handler: object, type: object): boolean =>
  Boolean(Reflect.getMetadata(NO_CACHE, handler) ?? Reflect.getMetadata(NO_CACHE, type))
