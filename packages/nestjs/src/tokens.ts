/** What `InjectCache()` injects. */
export const CACHE: unique symbol = Symbol('Shelflife cache')

/** What the decorators of a module work with: the cache that the module sees, and what hangs on it. */
export const CACHING: unique symbol = Symbol('Shelflife caching')

/** The options of `forRoot` and what came of them: there is one of each in an application. */
export const ROOT_OPTIONS: unique symbol = Symbol('Shelflife options')
export const ROOT: unique symbol = Symbol('Shelflife root')
