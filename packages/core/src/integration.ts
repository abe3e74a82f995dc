import type { AnyCache } from './entry-of.ts'
import { behindOf, checkedKey, entryOf } from './entry-of.ts'
import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import { keyMemo as memoOf } from './key-memo.ts'
import { deliver } from './loader.ts'
import { resolvePolicy } from './options.ts'
import { hotReader } from './read.ts'

export type { Lifetime }
export type { AsyncStorage } from './async-hooks.ts'
export { asyncStorage, OWN_STORAGE, ownStorage } from './async-hooks.ts'
export { checkNames, refuseOption, requireObject } from './errors.ts'
export { checkClock, checkCodec } from './options.ts'
export { statedArguments } from './key.ts'
export { onePerProcess } from './one-per-process.ts'
export { checkTags, onlyTags } from './tags.ts'

/**
 * A function of short plain values with a memory, within what the cache may remember of keys altogether.
 *
 * @throws ShelflifeError `invalid-option` for what is no cache
 * @example const keyOf = keyMemo(cache, ([tenant, page]) => `${tenant}/${page}`)
 */
export const keyMemo = (
  cache: AnyCache,
  encode: (args: readonly unknown[]) => string,
): ((args: readonly unknown[]) => string) => memoOf(encode, behindOf(cache)[0].memos)

/**
 * The value under a full key with its age in milliseconds, also when it is too old to be served but still kept. For
 * integrations that decide for themselves what a caller accepts; anybody else wants `cached()`. Never loads.
 *
 * @throws ShelflifeError `invalid-option` when the key is not of the cache's namespace
 * @example await findKept(cache, getPage.key('/'))
 */
export async function findKept(
  cache: AnyCache,
  key: string,
): Promise<{ readonly value: unknown; readonly age: number } | undefined> {
  const [{ clock }] = behindOf(cache)
  const { entry } = await entryOf(cache, checkedKey(cache, key))
  return entry && { value: deliver(entry), age: Math.max(0, clock.now() - entry.createdAt) }
}

/** Looks for copies in this process. */
export interface HotReads {
  /** A copy that is fresh, trusted and due for nothing, with its age in milliseconds. Not counted. */
  find(key: string): { readonly value: unknown; readonly age: number } | undefined
  /** Counts a hit on what was found and used. */
  count(key: string): void
}

/**
 * Reads of a wrapper that wait for nothing, by full key. For integrations that answer where it is called from; what it does
 * not find is a matter for `cached()`. Values are not copied: for wrappers with isolation `share`.
 *
 * @param name of the wrapper
 * @throws ShelflifeError `invalid-option` for what is no cache
 * @example const hot = hotReads(cache, 'page')
 */
export function hotReads(cache: AnyCache, name: string): HotReads {
  const [engine] = behindOf(cache)
  const findHot = hotReader(engine)
  const counters = engine.stats.of(name)
  return {
    find(key) {
      const at = engine.clock.now()
      const entry = findHot(key, at)
      return entry && { value: entry.value, age: Math.max(0, at - entry.createdAt) }
    },
    count(key) {
      counters.hits++
      engine.sinks.hit?.({ key, name, store: 'local' })
    },
  }
}

/**
 * The lifetime that options mean in a cache with its tiers, complete and in milliseconds. Without a tier: `dynamic`.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example lifetimeIn(cache, { tier: 'static', ttl: '1h' }).ttl // 3600000
 */
export function lifetimeIn(cache: AnyCache, options: LifetimeOptions & { readonly tier?: string }): Lifetime {
  const [{ policy }] = behindOf(cache)
  return resolvePolicy('', options, policy).lifetime
}

/** The namespace of a cache: what its keys and tags begin with. */
export const namespaceOf = (cache: AnyCache): string => behindOf(cache)[1]

/**
 * The names of all options of a type, for `checkNames`: the compiler says which one is missing.
 *
 * @example optionNames<{ url: string }>({ url: true })
 */
export const optionNames = <Options>(names: Readonly<Record<keyof Options, true>>): ReadonlySet<string> =>
  new Set(Object.keys(names))
