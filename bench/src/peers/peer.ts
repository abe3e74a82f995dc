/**
 * What a library can do. Every part and every race names what it needs, and runs for those that have it.
 *
 * - `local`, `remote`, `both`: keeps entries in this process, on Redis, or in this process in front of Redis
 * - `bus`: tells other processes to drop their local copies
 * - `keys`: makes a key of any argument by itself; `keyOf`: shows it; `arguments`: also of several arguments
 * - `label`: invalidates all entries with one label; `tags`: an entry may have several labels
 * - `flight`: callers of one key at the same time share a load; `lease`: also across processes
 * - `stale`: an old value is served while a new one is loaded, or while loading fails
 * - `timeout`: a load can fail by its time
 * - `lifetime`: entries expire by its own doing; `durations`: also by a text, such as `'5m'`
 * - `http`: caches responses of HTTP handlers
 */
export type Feature =
  | 'local'
  | 'remote'
  | 'both'
  | 'bus'
  | 'keys'
  | 'keyOf'
  | 'arguments'
  | 'label'
  | 'tags'
  | 'set'
  | 'invalidate'
  | 'clear'
  | 'flight'
  | 'lease'
  | 'stale'
  | 'timeout'
  | 'lifetime'
  | 'durations'
  | 'http'

/** Where entries are kept. */
export type Layout = 'local' | 'remote' | 'both'

/** What a cache is opened with; the same for every library. */
export interface OpenOptions {
  readonly layout: Layout
  /** Of Redis; not used where the layout is `local`. */
  readonly url: string
  /** The function to cache. */
  readonly load: (...args: readonly unknown[]) => Promise<unknown>
  /** Whether it is called with one text, which can be the key, or with anything. Default `text`. */
  readonly argumentsAre?: 'text' | 'any'
  /** Milliseconds, or a text where `durations` are a feature. */
  readonly ttl: number | string
  /** How long after `ttl` an old value may be served, in milliseconds. Default: not at all. */
  readonly stale?: number
  /** When a load has failed, in milliseconds. Default: what the library does. */
  readonly timeout?: number
  /** The labels of an entry by its arguments. Default: none. */
  readonly tags?: (...args: readonly unknown[]) => readonly string[]
  /** How many entries are kept in this process. Default: what the library does. */
  readonly maxEntries?: number | undefined
  /** Every options object goes through it, so that a race can see whether the library changes them. */
  readonly keep: <Options extends object>(options: Options) => Options
}

/** One open cache. */
export interface Subject {
  /** Through the cache, the way that the library's documentation does it. */
  read(...args: readonly unknown[]): Promise<unknown>
  set?(value: unknown, ...args: readonly unknown[]): Promise<unknown>
  invalidate?(...args: readonly unknown[]): Promise<unknown>
  invalidateLabel?(label: string): Promise<unknown>
  clear?(): Promise<unknown>
  /** The key of some arguments. */
  key?(...args: readonly unknown[]): unknown
  /** Answers a request with the text that `load(requestText(request))` gives, through the response cache. */
  respond?(request: Request): Promise<Response>
  /** Ends everything that was opened, clients included. */
  close(): Promise<unknown>
}

/** A library, or the least that one could write by hand. */
export interface Peer {
  readonly name: string
  /** Its package, where it comes from the registry. */
  readonly npm?: string
  /** The folder whose `node_modules` has it. Default: that of this workspace. */
  readonly home?: URL
  /** Why it is not one of the libraries: written `by hand`, or a library with faster `settings`. */
  readonly variant?: 'by hand' | 'settings'
  /** What it is measured with, in words. */
  readonly setUp: string
  readonly features: readonly Feature[]
  /** What a program imports for a cache in its process, and for one on Redis, by module. */
  readonly imports: { readonly local?: Imports; readonly remote?: Imports }
  open(options: OpenOptions): Promise<Subject>
}

/** Names by module; `default` for a default export. */
export type Imports = Readonly<Record<string, readonly string[]>>

/** Whether a library has all that is needed. */
export function offers({ features }: Peer, needs: readonly Feature[]): boolean {
  return needs.every((feature) => features.includes(feature))
}
