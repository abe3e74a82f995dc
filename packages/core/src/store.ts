import type { Bus, BusMessage } from './bus.ts'
import type { Codec } from './codec.ts'

/** What a local store keeps, by reference. */
export interface LocalEntry {
  readonly value: unknown
  /** When the entry is of no use to anybody any more, on the clock of this process. */
  readonly keepUntil: number
  /** Estimated bytes of the tags that this entry alone keeps; stores estimate the value. */
  readonly tagBytes: number
  /** For the store to note when the entry was last used; the cache starts it at 0 and leaves it alone. */
  usedIn?: number
}

/** An entry that left a local store although nobody asked for it. */
export interface Eviction {
  readonly key: string
  readonly entry: LocalEntry
  /**
   * `space`: the bounds were reached. `expired`: swept after `keepUntil`. `oversized`: larger than the store. `unsized`:
   * its size cannot be estimated.
   */
  readonly reason: 'space' | 'expired' | 'oversized' | 'unsized'
  /** Why it is `unsized`. */
  readonly error?: unknown
}

/**
 * Entries in this process: synchronous, by reference, bounded. Belongs to one cache. Takes out by itself what has expired, with one
 * timer of the clock it was given, which lets the process end; when nothing is left that will expire there is no timer either.
 * Written by `@shelflife/memory`; checked by `describeLocalStore()` of `@shelflife/conformance`.
 */
export interface LocalStore {
  readonly kind: 'local'
  /** Counts as a use of the entry. */
  get(key: string): LocalEntry | undefined
  /** The same without being a use of the entry. */
  peek(key: string): LocalEntry | undefined
  set(key: string, entry: LocalEntry): void
  delete(key: string): void
  /** Drops everything. */
  clear(): void
  /**
   * The keys of the entries that are there now, which is no use of them. The cache goes through them a few at a time over
   * any length of time, and none that stays there may be left out, whatever is used, set, deleted or evicted meanwhile. A
   * snapshot will do, but takes its time for all of them at once.
   */
  keys(): Iterable<string>
  /** Entries and estimated bytes held now. */
  usage(): { readonly entries: number; readonly bytes: number }
  /** One listener: the cache that owns the store. */
  onEvict(listener: (eviction: Eviction) => void): void
  /** Drops everything, stops timers, and keeps nothing from then on. */
  close(): void
}

/**
 * An entry as the remote store keeps it. The times are on the clock of this process: the store translates. A store whose calls
 * block, as those of a file, has to use `exactClock` for that: `systemClock.now()` may answer with a reading from some calls before, and
 * by as long as those took its times would be off. A `createdAt` of `Infinity` is not believed.
 */
export interface RemoteRecord {
  readonly createdAt: number
  readonly freshUntil: number
  readonly envelope: Uint8Array
}

export interface RemoteRead {
  readonly record: RemoteRecord | undefined
  /** One id for each tag that was asked for, `undefined` where the store has none. */
  readonly ids: readonly (string | undefined)[]
}

export interface OpenRequest {
  readonly key: string
  /** Who asks. The same owner asking twice gets the same answer, so a repeated command is harmless. */
  readonly owner: string
  /** Milliseconds until the lease ends unless it is renewed; 0, from a store without leases, asks for the fence alone. */
  readonly lease: number
  /**
   * `load`: answer `filled` when a fresh record is there. `early`: lease even though the record is fresh.
   * `take`: replace the fence, so that every load that is running now is refused, and take the lease from its owner.
   */
  readonly mode: 'load' | 'early' | 'take'
}

export type Opened =
  /**
   * Load, then commit with this fence. It lasts for at least an hour since it was last handed out or its lease renewed: longer
   * than a load may take, whose `hardTimeout` the store is not told.
   */
  | { readonly state: 'granted'; readonly fence: string }
  /** Somebody stored a fresh record meanwhile. */
  | { readonly state: 'filled'; readonly record: RemoteRecord }
  /** Somebody else is loading; their lease ends after `retryAfter` milliseconds unless renewed. */
  | { readonly state: 'held'; readonly retryAfter: number }
  /**
   * Somebody else's load came to nothing in the last seconds, two at least and four at most: do not queue for the lease, load
   * without one.
   */
  | { readonly state: 'failed'; readonly fence: string }

export interface CommitRequest {
  readonly key: string
  readonly owner: string
  readonly fence: string
  readonly envelope: Uint8Array
  /** Milliseconds since the value was created. */
  readonly age: number
  /** Milliseconds that the record stays fresh, from its creation; `Infinity` for until invalidated. */
  readonly ttl: number
  /** Milliseconds until the store forgets the record, from its creation; `Infinity` for never. */
  readonly keep: number
}

export interface TagCapture {
  /** Ids in the order asked, created where there was none. `undefined`: may have changed since the mark. */
  readonly ids: readonly (string | undefined)[]
  /** Opaque: pass it as `since` to learn whether other tags changed after this capture. */
  readonly mark: string
}

export interface CaptureRequest {
  readonly tags: readonly string[]
  /** Milliseconds that the ids must be kept at least: the longest life of an entry that carries them. */
  readonly keep: number
  /** Answer `undefined` for every tag that cannot be proved unchanged since this mark. */
  readonly since?: string
}

/** A warning about a set-up. */
export interface Advice {
  /** Where it is explained: the name of a section of `docs/advice.md`. */
  readonly about: string
  readonly problem: string
}

/**
 * Entries outside this process: bytes, asynchronous, shared. Every command may be repeated or arrive late, so each
 * one must be idempotent for its owner, and a commit whose fence is gone must change nothing.
 * Checked by `describeStore()` of `@shelflife/conformance`.
 *
 * Every command may reject, and the cache does without the store then; only `settled` may not, and no method throws before it has
 * returned a promise. What rejects or takes longer than the budget costs callers time and no answer. A call that blocks the
 * process is another matter: it holds up every caller in it for as long as it takes, and no budget can cut it short. So a driver that
 * waits in such a call, say for a lock, has to stay far below the budget, and to wait the rest of it in a promise.
 *
 * Whatever has ended leaves the server within a minute, as long as any process uses it: records and tag ids after their `keep`,
 * fences after their hour, what is known of commits after theirs, messages once nobody can be without them. A process that was away
 * for longer learns of a `gap`.
 *
 * The cache keeps the process alive while one of its callers waits, so the timers of a store need not, but for one that a command
 * waits for which has no connection: `clock.after` with `keepsAlive`.
 *
 * A tag id has the form `a.b`: invalidating the tag changes or removes `a`, expiring it changes `b` alone.
 */
export interface RemoteStore {
  readonly kind: 'remote'
  /**
   * How a cache uses the commands below: always `protocol` of `@shelflife/core/protocol`. The store brings it along so
   * that caches without a remote store do not carry it.
   */
  readonly protocol: Protocol
  /** For messages, such as `redis`. */
  readonly label: string
  /** Whether `open` can hand out leases. Without them each process loads for itself. */
  readonly leases: boolean
  /**
   * How long one command may take, in milliseconds. Where many are under way at once, how long the store may leave everybody
   * without an answer is the longer of the two. Default `{ read: 100, write: 500 }`.
   */
  readonly budget?: { readonly read: number; readonly write: number }
  /** What values are encoded with unless the cache names another. Default `jsonCodec`. */
  readonly codec?: Codec
  /** An encoded value of more bytes is not stored. Default: no limit. */
  readonly maxValueBytes?: number
  /** What about the set-up of the server or the client will hurt one day. Asked once, in the background. */
  advise?(): Promise<readonly Advice[]>
  /** How keys are written, here and in the store. Default: arguments of more than 200 characters are hashed. */
  readonly keyOf?: (key: string) => string
  /** Present where other processes can be told about invalidations. */
  readonly bus?: Bus
  /** Present where keys are spread over several nodes. */
  readonly nodes?: StoreNodes
  /** Present where it can be told whether a server has lost what it has answered. */
  readonly history?: StoreHistory
  /**
   * Tells whenever a node has answered anything, also in the middle of what it was asked: whoever waits for it among many then
   * knows that it is alive. `node` as in `nodes`, empty where there is one only. Returns what ends it. Default: it is alive when
   * something that it was asked has ended.
   */
  onAnswer?(heard: (node: string) => void): () => void
  /** The record and the ids of tags, in one round trip. */
  read(key: string, tags: readonly string[]): Promise<RemoteRead>
  /** Ids alone. */
  readTags(tags: readonly string[]): Promise<readonly (string | undefined)[]>
  /** Asks for the right to load. Creates the fence where there is none. */
  open(request: OpenRequest): Promise<Opened>
  /** Ids of tags from before a load. */
  capture(request: CaptureRequest): Promise<TagCapture>
  /**
   * Stores the record, uses up the fence and ends the lease; where the fence was taken, tells the bus. `false`: the
   * fence was gone and nothing was stored. Answers the same owner the same again, for at least a minute.
   */
  commit(request: CommitRequest): Promise<boolean>
  /**
   * Stores the record in the place of whatever is there, unless the key was invalidated or expired since the fence was handed
   * out; commits and other puts do not matter, so that the last of several puts wins. Ends all leases, refuses every load
   * that is running, then tells the bus. `false`: nothing was stored. Answers the same owner the same again, for at least a
   * minute.
   */
  put(request: CommitRequest): Promise<boolean>
  /** Prolongs a lease. `false`: it is not ours any more. */
  renew(request: { readonly key: string; readonly owner: string; readonly lease: number }): Promise<boolean>
  /**
   * Ends a lease without a record. `failed`: there is none to be had, be it that the load failed or that its value cannot be
   * stored; this leaves a mark for two to four seconds, so that those who wait do not queue for the lease.
   */
  release(request: { readonly key: string; readonly owner: string; readonly failed: boolean }): Promise<void>
  /**
   * Resolves within a second of when the lease on `key` may have ended, and sooner is better, since callers wait for it; at once if
   * it has, at the latest after `ms`. Never rejects.
   */
  settled(key: string, ms: number): Promise<void>
  /**
   * Makes a record that is still fresh so for another `ttl` milliseconds, and keeps it for `keep`. One that has become stale
   * stays so: it may have been expired since whoever touches it has read it.
   */
  touch(request: { readonly key: string; readonly ttl: number; readonly keep: number }): Promise<void>
  /** Removes records and fences, then tells the bus. */
  invalidate(keys: readonly string[]): Promise<void>
  /** Makes records stale and removes fences, then tells the bus. */
  expire(keys: readonly string[]): Promise<void>
  invalidateTags(tags: readonly string[]): Promise<void>
  expireTags(tags: readonly string[]): Promise<void>
  /** Ends waits and timers, and the client if the store made it. May be called again. */
  close(): Promise<void>
}

/**
 * The nodes of a store that spreads its keys over several, each of which may fail alone. What is asked of a node that
 * does not answer is nobody else's loss, so the cache has deadlines, a breaker and a list of what it owes for each.
 */
export interface StoreNodes {
  /** The names of those there are now. */
  all(): readonly string[]
  /** The name of the node of a key; without one, of the node that has all tags and tells the messages. */
  of(key?: string): string
  /** Asks a node something that costs it nothing. Rejects when it cannot be used. */
  probe(node: string): Promise<unknown>
  /** As those of the store, of keys of one node, without telling the bus, which another node does. */
  invalidate(keys: readonly string[]): Promise<void>
  expire(keys: readonly string[]): Promise<void>
  /** Tells the bus. */
  tell(message: BusMessage): Promise<void>
}

/**
 * Which servers have answered. One that is replaced by another, or starts anew, may have lost what it answered before:
 * the cache tells it once more what it was told in the last minute.
 */
export interface StoreHistory {
  /** What stays the same as long as the node of a key, or without one of the tags, remembers what it has answered. */
  of(key?: string): string
  /** Whether the node whose history this was may have lost it. */
  isLost(history: string): boolean
}

/** Opaque. */
export type Protocol = (engine: never, store: RemoteStore) => unknown

export type Store = LocalStore | RemoteStore
