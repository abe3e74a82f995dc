import type { Cache } from '@shelflife/core'

/** Which keys another process is loading, as far as this one waits for it. */
export interface Waits {
  isOn(key: string): boolean
  /** Whether somebody began to wait then or later. */
  since(key: string, at: number): boolean
}

export function waitsOf(cache: Cache): Waits {
  const begun = new Map<string, number>()
  const on = new Set<string>()
  cache.on('wait', ({ key }) => {
    begun.set(key, performance.now())
    on.add(key)
  })
  for (const end of ['hit', 'stale', 'load', 'loadFailure'] as const) cache.on(end, ({ key }) => on.delete(key))
  return {
    isOn: (key) => on.has(key),
    since: (key, at) => (begun.get(key) ?? -Infinity) >= at,
  }
}
