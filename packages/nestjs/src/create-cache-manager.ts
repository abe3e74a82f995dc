import type { Cache, Duration } from '@shelflife/core'
import { encodeArguments, toMilliseconds } from '@shelflife/core'
import { inspect } from '@shelflife/core/inspect'
import { checkNames, namespaceOf } from '@shelflife/core/integration'
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'

import type { CacheManager, CacheManagerOptions, TtlOf, WrapOptions } from './cache-manager.ts'

const INTERCEPTED = 'intercepted'

/** The tag of what `CacheInterceptor` stores under a key, so that `del` of the key reaches it. */
export const interceptedTag = (key: string): string => `${INTERCEPTED}/=${encodeURIComponent(key).slice(0, 160)}`

/** 0 has no end there, which here is `'none'`. */
export const lifetimeOf = (ttl: Duration | undefined): { readonly ttl: Duration | 'none' } => ({
  ttl: ttl === undefined || ttl === 0 ? 'none' : ttl,
})

const LONGEST = 150

/** A key that no store has to shorten, so that an entry can be looked at by it. */
const shortened = (key: string): string =>
  encodeArguments([key]).length <= LONGEST ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`

const wallClock = (): number => performance.timeOrigin + performance.now()

const resolved = <T>(value: TtlOf<T> | undefined, result: T): number | undefined =>
  typeof value === 'function' ? value(result) : value

const OPTIONS = new Set(['ttl'])

function check(options: CacheManagerOptions): void {
  checkNames('manager', options, OPTIONS)
  if (options.ttl !== undefined && options.ttl !== 0) toMilliseconds(options.ttl, 'manager.ttl')
}

/**
 * Makes what `CACHE_MANAGER` injects. Its values have a namespace of their own, `manager`.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 */
export function createCacheManager(cache: Cache<string>, options: CacheManagerOptions = {}): CacheManager {
  check(options)
  const { ttl: usual } = options
  const own = cache.namespace('manager')
  const events = new EventEmitter()

  async function get<T>(key: string): Promise<T | undefined> {
    const value = await own.get<T>(shortened(key))
    if (value !== undefined) events.emit('get', { key, value })
    return value
  }

  async function put(key: string, value: unknown, ttl: number | undefined): Promise<void> {
    if (value === undefined || (ttl !== undefined && ttl < 0)) return void (await own.invalidate(shortened(key)))
    // callers may change what they get, as they may there
    await own.set(shortened(key), value as {} | null, { ...lifetimeOf(ttl ?? usual), jitter: 0, isolation: 'clone' })
  }

  const drop = async (keys: readonly string[]): Promise<void> => {
    await Promise.all(keys.map((key) => own.invalidate(shortened(key))))
    if (keys.length > 0) await cache.invalidateTags(keys.map(interceptedTag))
  }

  return {
    get,
    async mget<T>(keys: readonly string[]) {
      const found = await Promise.all(keys.map((key) => own.get<T>(shortened(key))))
      events.emit('mget', { keys, values: found })
      return found
    },
    async ttl(key) {
      const known = await inspect(own, `${namespaceOf(own)}/${encodeArguments([shortened(key)])}`)
      if (known === undefined || known.freshFor <= 0 || known.freshFor === Infinity) return undefined
      return Math.round(wallClock() + known.freshFor)
    },
    async set(key, value, ttl) {
      await put(key, value, ttl)
      events.emit('set', { key, value })
      return value
    },
    async mset(list) {
      await Promise.all(list.map(({ key, value, ttl }) => put(key, value, ttl)))
      events.emit('mset', { list })
      return list
    },
    async del(key) {
      await drop([key])
      events.emit('del', { key })
      return true
    },
    async mdel(keys) {
      await drop(keys)
      events.emit('mdel', { keys })
      return true
    },
    async clear() {
      await Promise.all([own.clear(), cache.invalidateTags([INTERCEPTED])])
      events.emit('clear')
      return true
    },
    wrap<T>(
      key: string,
      load: () => T | Promise<T>,
      stated?: TtlOf<T> | WrapOptions<T>,
      threshold?: TtlOf<T>,
    ): Promise<T> {
      const options: WrapOptions<T> =
        typeof stated === 'object'
          ? stated
          : {
              ...(stated !== undefined && { ttl: stated }),
              ...(threshold !== undefined && { refreshThreshold: threshold }),
            }
      return own.getOrLoad(
        shortened(key),
        async (context) => {
          const value = await load()
          const ttl = resolved(options.ttl, value) ?? usual
          const early = resolved(options.refreshThreshold, value)
          const { ttl: lifetime } = lifetimeOf(ttl)
          const isEarly = early !== undefined && typeof lifetime === 'number' && early > 0
          context.lifetime({
            ttl: lifetime,
            jitter: 0,
            staleWhileRevalidate: 0,
            staleIfError: 0,
            earlyRefresh: isEarly ? Math.min(1, early / lifetime) : 0,
          })
          events.emit(context.isRefresh ? 'refresh' : 'set', { key, value })
          return value
        },
        { isolation: 'clone' },
      ) as Promise<T>
    },
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    disconnect: async () => undefined,
  }
}
