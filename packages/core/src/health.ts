/** How one of several nodes of a store does. Milliseconds. */
export interface NodeHealth {
  readonly node: string
  readonly state: 'up' | 'down'
  readonly latency: number | undefined
}

/** How a store does. */
export interface StoreHealth {
  readonly kind: 'local' | 'remote'
  /** What a remote store calls itself. */
  readonly label?: string
  /**
   * `up`: it answers. `degraded`: it answers and is owed invalidations, or messages of other processes are missing, or one
   * of its nodes is down. `down`: the last command was not answered; after three in a row it is asked no more but for probes,
   * and the cache goes on without it.
   */
  readonly state: 'up' | 'degraded' | 'down'
  /** Milliseconds that a command takes, on average of late. Remote stores only, `undefined` before the first. */
  readonly latency?: number | undefined
  readonly breaker?: 'closed' | 'open'
  /** Of a store whose keys are spread over several, those that have been asked. */
  readonly nodes?: readonly NodeHealth[]
  /** Invalidations that wait until the store answers again. */
  readonly owed?: number
  /**
   * `complete`: no message can have been missed for longer than `maxDrift`. `behind`: one can, so local copies are
   * confirmed one by one. `none`: there is none, or no local store.
   */
  readonly bus?: 'complete' | 'behind' | 'none'
  /** The last command that failed; `ago` in milliseconds. */
  readonly lastError?: { readonly command: string; readonly message: string; readonly ago: number } | undefined
  readonly entries?: number
  readonly bytes?: number
}

/** How a cache does, as a readiness endpoint can return it: plain data, without names, values or secrets. */
export interface Health {
  /** Whether calls are answered. A remote store that is away does not change it: the cache goes on without. */
  readonly ok: boolean
  readonly stores: readonly StoreHealth[]
}
