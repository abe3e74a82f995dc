import type { Cache } from './cache.ts'
import { behind } from './cache.ts'
import type { Engine } from './engine.ts'
import { find, isTrusted } from './engine.ts'
import type { Entry } from './entry.ts'
import { refuseOption } from './errors.ts'
import { resolvePolicy } from './options.ts'
import { withAbove } from './tags.ts'

/** Whatever the names of its tiers. */
export type AnyCache = Pick<Cache, 'close'>

/** The engine of a cache, and the namespace that keys have to be in. */
export function behindOf(cache: AnyCache): readonly [Engine, string] {
  return behind.get(cache) ?? refuseOption('cache', 'what createCache() returned', cache)
}

/** @throws ShelflifeError `invalid-option` when the key is not of the cache's namespace */
export function checkedKey(cache: AnyCache, key: string): string {
  const [, namespace] = behindOf(cache)
  const isOwn = typeof key === 'string' && key.startsWith(`${namespace}/`)
  return isOwn ? key : refuseOption('key', `a full key of namespace '${namespace}'`, key)
}

/** The entry of a full key, of any phase, unless it has been invalidated; from here if that can be trusted. */
export async function entryOf(
  cache: AnyCache,
  key: string,
): Promise<{ readonly store: 'local' | 'remote'; readonly entry: Entry | undefined }> {
  const [engine, namespace] = behindOf(cache)
  const now = engine.clock.now()
  const copy = find(engine, key)
  const isHere = copy !== undefined && now < copy.keepUntil && isTrusted(engine, copy, now)
  if (isHere) return { store: 'local', entry: copy }
  const policy = resolvePolicy('', { isolation: 'share' }, engine.policy)
  const entry = engine.closed ? undefined : await engine.remote?.inspect({ key, policy, tags: withAbove(namespace) })
  return { store: 'remote', entry }
}
