import { Inject, Optional } from '@nestjs/common'

import type { Caching } from './caching.ts'
import { CACHING } from './tokens.ts'

/**
 * Where instances have it: injected, so that each has that of its own application and module. Providers that are made
 * for one request have it too.
 */
const PROPERTY: unique symbol = Symbol.for('Shelflife caching of this instance')

type Holder = { [PROPERTY]?: Caching }

const requested = new WeakSet<object>()

/** Has the caching injected into the instances of a class. Without `CacheModule` they do without. */
export function requestCaching(prototype: object): void {
  if (requested.has(prototype)) return
  requested.add(prototype)
  Inject(CACHING)(prototype, PROPERTY)
  Optional()(prototype, PROPERTY)
}

/** `undefined` for an instance that was made without Nest, as in a unit test. */
export const cachingOf = (instance: object | undefined): Caching | undefined =>
  (instance as Holder | undefined)?.[PROPERTY]

/** For instances that Nest did not make but a factory did. */
export function giveCaching(instance: object, caching: Caching): void {
  Object.defineProperty(instance, PROPERTY, { value: caching, configurable: true })
}
