/* The same in each copy of this package: a module of one may hold classes that the decorators of another have marked. */

/** What `InjectCache()` injects. */
export const CACHE: unique symbol = Symbol.for('Shelflife cache')

/** What the decorators of a module work with: the cache that the module sees, and what hangs on it. */
export const CACHING: unique symbol = Symbol.for('Shelflife caching')

/** The options of `forRoot` and what came of them: there is one of each in an application. */
export const ROOT_OPTIONS: unique symbol = Symbol.for('Shelflife options')
export const ROOT: unique symbol = Symbol.for('Shelflife root')
