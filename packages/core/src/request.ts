import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import type { Policy } from './options.ts'

/** What a loader can learn and decide. */
export interface LoadContext<Value = unknown, Tier extends string = string> {
  readonly key: string
  /** Aborted when the load runs into `hardTimeout`. */
  readonly signal: AbortSignal
  /** Whether nobody waits: an old value, or one about to become old, is served meanwhile. */
  readonly isRefresh: boolean
  /** The value that is being replaced, for conditional requests. */
  readonly stale: { readonly value: Value; readonly age: number } | undefined
  /** Adds tags that only the value tells. */
  tag(...tags: readonly string[]): void
  /** Gives this value another lifetime than the options do. */
  lifetime(options: LifetimeOptions & { readonly tier?: Tier }): void
  /** Returns this value without storing it. */
  skip(): void
}

/** One read of one key. */
export interface Lookup {
  readonly key: string
  readonly policy: Policy
  /** Full names: the namespaces and the tags known before the load, with everything above them. */
  readonly tags: readonly string[]
}

/** One read of one key, with all that a load needs. */
export interface Request extends Lookup {
  readonly namespace: string
  readonly load: (context: LoadContext) => unknown
}

/** What a load came to, not yet stored. */
export interface Loaded {
  readonly value: unknown
  readonly tier: string
  readonly lifetime: Lifetime
  readonly tags: readonly string[]
  readonly cost: number
  readonly skip: 'undefined' | 'asked' | undefined
}
