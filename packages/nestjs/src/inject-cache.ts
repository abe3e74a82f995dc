import { Inject } from '@nestjs/common'

import { CACHE } from './tokens.ts'

/**
 * Injects the `Cache` of `@shelflife/core` that this module sees: that of `forRoot`, or the part of it that
 * `forFeature` named.
 *
 * @example constructor(@InjectCache() private readonly cache: Cache) {}
 */
export const InjectCache = (): ParameterDecorator & PropertyDecorator => Inject(CACHE)
