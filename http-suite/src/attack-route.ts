import type { AttackHandler } from './attack-handlers.ts'

/** Options of `cache()` for a route. Durations in milliseconds. */
export interface AttackCache {
  readonly ttl: number
  readonly staleWhileRevalidate?: number
  readonly query?: { readonly allow?: readonly string[]; readonly ignore?: readonly string[] }
  readonly headers?: readonly string[]
  readonly cookies?: 'ignore' | { readonly vary: readonly string[] }
  readonly inputs?: 'warn' | 'strict'
}

/** One route of the server under attack. Plain data, because the server may run where no closure can reach. */
export interface AttackRoute {
  readonly method: 'GET' | 'POST'
  /** Begins with `/`, without parameters. `/*` at the end stands for everything below. */
  readonly path: string
  /** Options for `cache()` in front of the handler. Absent: none. */
  readonly cache?: AttackCache
  /** Options for `invalidates()` in front of the handler. Absent: none. */
  readonly invalidates?: { readonly tags: readonly string[] }
  /** The behaviour, from the table that both sides import. */
  readonly handler: AttackHandler
}
