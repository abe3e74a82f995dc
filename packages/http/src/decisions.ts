import type { LifetimeOptions } from '@shelflife/core'

/** A lifetime that a handler states for its response. */
export interface ResponseLifetime extends Pick<LifetimeOptions, 'ttl' | 'staleWhileRevalidate' | 'staleIfError'> {
  /** One of the tiers of the cache. What is stated beside it wins. */
  readonly tier?: string
}

/** What a handler decides about its response while it makes it. */
export interface Decisions {
  /** Adds tags to the response. */
  tag(...tags: readonly string[]): void
  /** Gives the response another lifetime than the options do. */
  lifetime(lifetime: ResponseLifetime): void
  /** Keeps the response from being stored. */
  noStore(): void
}

/** Decisions with what came of them. */
export interface DecisionNotes extends Decisions {
  readonly tags: ReadonlySet<string>
  readonly stated: ResponseLifetime | undefined
  readonly isRefused: boolean
}

/** Takes the decisions of one run of a handler. */
export function takeDecisions(): DecisionNotes {
  const tags = new Set<string>()
  let stated: ResponseLifetime | undefined
  let isRefused = false
  return {
    tags,
    get stated() {
      return stated
    },
    get isRefused() {
      return isRefused
    },
    tag(...more) {
      for (const tag of more) tags.add(tag)
    },
    lifetime(lifetime) {
      stated = { ...stated, ...lifetime }
    },
    noStore() {
      isRefused = true
    },
  }
}
