import { refuseOption } from './errors.ts'
import type { Eviction } from './store.ts'

interface KeyEvent {
  readonly key: string
  /** Name of the wrapped function; empty for `cache.get`, `cache.set` and `cache.getOrLoad`. */
  readonly name: string
}

/** Where a value came from. */
export type Source = 'local' | 'remote' | 'loader'

interface InvalidationEvent {
  /** Full keys, or full names of tags; `clear` invalidates the tag that is called like the namespace. */
  readonly names: readonly string[]
  readonly remote: RemoteOutcome
}

/** Every event by its type. None carries a value. Durations and ages are in milliseconds. */
export interface CacheEvents {
  hit: KeyEvent & { readonly store: Source }
  /** An old value was served because it is being refreshed, or because loading failed or took too long. */
  stale: KeyEvent & { readonly store: Source; readonly because: 'refreshing' | 'load-failed' | 'load-slow' }
  /** Nothing usable was found. */
  miss: KeyEvent
  /** A caller joined a load that runs in this process. */
  join: KeyEvent
  /** Another process is loading; this one waits for it. */
  wait: KeyEvent
  load: KeyEvent & { readonly duration: number }
  loadFailure: KeyEvent & { readonly duration: number; readonly error: unknown }
  /** A loaded or set value was stored. */
  commit: KeyEvent
  /** A loaded or set value was not stored because it was invalidated, or could have been, meanwhile. */
  refuse: KeyEvent
  /**
   * A loaded or set value was not stored, or not kept in this process. `unsupported`: the codec cannot carry it, it is too
   * large, or its size cannot be estimated; `error` says what. `unstored`: the remote store has not taken it. What was set
   * is then served by this process alone, if it has a local store, until the store has been told that the key is void.
   */
  skip: KeyEvent & { readonly because: 'undefined' | 'asked' | 'unsupported' | 'unstored'; readonly error?: unknown }
  evict: KeyEvent & { readonly reason: Exclude<Eviction['reason'], 'unsized'> }
  invalidate: InvalidationEvent
  expire: InvalidationEvent
  invalidateTags: InvalidationEvent
  expireTags: InvalidationEvent
  /** Bytes in the remote store were not an entry of ours: a miss. */
  corrupt: { readonly key: string; readonly error: unknown }
  /** A command to the remote store failed or took too long. */
  storeError: { readonly store: string; readonly command: string; readonly error: unknown }
  /** `node`: of a store whose keys are spread over several, which of them is not asked any more, or again. */
  breaker: { readonly store: string; readonly state: 'open' | 'closed'; readonly node?: string }
  /** More invalidations waited for the remote store than are kept: the namespace will be cleared there instead. */
  overflow: { readonly store: string; readonly names: number }
  /** The cache was closed while so many invalidations still waited for the remote store; it will never be told. */
  untold: { readonly store: string; readonly names: number }
  /** Something about the set-up that will hurt one day. `link`: what to do about it. */
  advice: { readonly store: string; readonly problem: string; readonly link: string }
  /**
   * Messages of other processes may have been lost; all local copies are confirmed anew before they are served.
   * `lostWrites`: the remote store has gone back to an older state, so the namespace is cleared.
   */
  gap: { readonly lostWrites: boolean }
  /** Work that nobody waits for failed, or a listener threw. */
  backgroundError: { readonly error: unknown }
}

/**
 * What became of an invalidation at the remote store: done, queued until it answers again, or there is none; `closed`: the
 * cache was closed before the call, so the store is not told.
 */
export type RemoteOutcome = 'done' | 'queued' | 'none' | 'closed'

export type EventType = keyof CacheEvents

/** Events of single reads and values. */
type OfKeys =
  | 'hit'
  | 'stale'
  | 'miss'
  | 'join'
  | 'wait'
  | 'load'
  | 'loadFailure'
  | 'commit'
  | 'refuse'
  | 'skip'
  | 'evict'

/** Events that befall the cache rather than one read or value. */
export type CountedEvent = Exclude<EventType, OfKeys>

const IS_COUNTED: Readonly<Record<OfKeys, false> & Record<CountedEvent, true>> = {
  hit: false,
  stale: false,
  miss: false,
  join: false,
  wait: false,
  load: false,
  loadFailure: false,
  commit: false,
  refuse: false,
  skip: false,
  evict: false,
  invalidate: true,
  expire: true,
  invalidateTags: true,
  expireTags: true,
  corrupt: true,
  storeError: true,
  breaker: true,
  gap: true,
  overflow: true,
  untold: true,
  advice: true,
  backgroundError: true,
}

const TYPES = Object.keys(IS_COUNTED) as readonly EventType[]
export const COUNTED: readonly CountedEvent[] = TYPES.filter((type): type is CountedEvent => IS_COUNTED[type])

export type Listener<T extends EventType> = (event: CacheEvents[T]) => void

/** One function per type that somebody listens to, so that `sinks.hit?.({ … })` costs one test when nobody does. */
export type Sinks = { [T in EventType]?: Listener<T> }

export interface Events {
  readonly sinks: Sinks
  /** Starts listening. Returns what stops it. */
  on<T extends EventType>(type: T, listener: Listener<T>): () => void
}

export function createEvents(): Events {
  const sinks: Sinks = {}
  const listeners = new Map<EventType, Set<{ readonly hear: Listener<never> }>>()

  function report(type: EventType, error: unknown): void {
    if (type !== 'backgroundError') sinks.backgroundError?.({ error })
  }

  function sinkOf<T extends EventType>(type: T, all: ReadonlySet<{ readonly hear: Listener<never> }>): Listener<T> {
    return (event) => {
      for (const { hear } of all) {
        try {
          const result: unknown = (hear as (event: unknown) => unknown)(event)
          if (result instanceof Promise) result.catch((error: unknown) => report(type, error))
        } catch (error) {
          report(type, error)
        }
      }
    }
  }

  return {
    sinks,
    on(type, listener) {
      if (!TYPES.includes(type)) refuseOption('type', `one of ${TYPES.join(', ')}`, type)
      if (typeof listener !== 'function') refuseOption('listener', 'a function', listener)
      const all = listeners.get(type) ?? new Set()
      // an object of its own, so that a function that listens twice is called twice
      const listening = { hear: listener as Listener<never> }
      listeners.set(type, all)
      all.add(listening)
      sinks[type] = sinkOf(type, all) as Sinks[typeof type]
      return () => {
        all.delete(listening)
        if (all.size === 0) delete sinks[type]
      }
    },
  }
}
