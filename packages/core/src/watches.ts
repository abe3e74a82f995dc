import type { Clock } from './clock.ts'

/** Shared by everything that runs for a key. An invalidation of the key destroys it. */
interface Token {
  isDestroyed: boolean
  holders: number
}

/** Something that runs for a key and may bring a value of it: a flight, a remote read, a `set`. */
export interface Watch {
  readonly key: string
  /** The number of the newest invalidation of tags when it began. */
  since: number
  token: Token
  /** When it must have ended. What lasts longer was ended by a runtime, and is void if not after all. */
  readonly until: number
  readonly lost: (() => void) | undefined
  older: Watch | undefined
  newer: Watch | undefined
}

interface WatchOptions {
  /** Default: in ten minutes, which is more than commands of a remote store may take. */
  readonly until?: number
  /** Called when it is given up. */
  readonly lost?: () => void
}

/** What runs now, by key and by age. Takes memory for what runs, and none for what is invalidated. */
export interface Watches {
  watch(key: string, options?: WatchOptions): Watch
  /** Begins anew: what was invalidated until now does not concern it. */
  renew(watch: Watch): void
  end(watch: Watch): void
  /** Makes what runs for these keys void. */
  fence(keys: readonly string[]): void
  /** Whether a watch has not ended and its key was not invalidated since it began. */
  holds(watch: Watch): boolean
  /** The `since` of the oldest that runs. */
  oldest(): number
}

const LONGEST = 600_000

const ENDED: Token = { isDestroyed: true, holders: Infinity }

export function createWatches(clock: Clock, seq: () => number): Watches {
  const tokens = new Map<string, Token>()
  // a list in the order of `since`: a set would have to skip those that ended whenever the oldest is asked for
  let oldest: Watch | undefined
  let newest: Watch | undefined

  function take(key: string): Token {
    let token = tokens.get(key)
    if (token === undefined) tokens.set(key, (token = { isDestroyed: false, holders: 0 }))
    token.holders++
    return token
  }

  function enter(watch: Watch): void {
    watch.older = newest
    if (newest === undefined) oldest = watch
    else newest.newer = watch
    newest = watch
  }

  function leave(watch: Watch): void {
    const { key, token, older, newer } = watch
    if (--token.holders === 0 && tokens.get(key) === token) tokens.delete(key)
    if (older === undefined) oldest = newer
    else older.newer = newer
    if (newer === undefined) newest = older
    else newer.older = older
    watch.older = watch.newer = undefined
    watch.token = ENDED
  }

  function end(watch: Watch): void {
    if (watch.token !== ENDED) leave(watch)
  }

  /** One runtime or another drops what runs without a word. */
  function dropLost(): void {
    const now = clock.now()
    while (oldest !== undefined && now >= oldest.until) {
      const { lost } = oldest
      leave(oldest)
      lost?.()
    }
  }

  return {
    watch(key, { until = clock.now() + LONGEST, lost } = {}) {
      dropLost()
      const watch: Watch = { key, since: seq(), token: take(key), until, lost, older: undefined, newer: undefined }
      enter(watch)
      return watch
    },
    renew(watch) {
      if (watch.token === ENDED) return
      leave(watch)
      watch.since = seq()
      watch.token = take(watch.key)
      enter(watch)
    },
    end,
    fence(keys) {
      for (const key of keys) {
        const token = tokens.get(key)
        if (token === undefined) continue
        token.isDestroyed = true
        tokens.delete(key)
      }
    },
    holds: ({ token }) => !token.isDestroyed,
    oldest: () => oldest?.since ?? Infinity,
  }
}
