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
  const notes = {
    tags,
    stated: undefined as ResponseLifetime | undefined,
    isRefused: false,
    tag(...more: readonly string[]) {
      for (const tag of more) tags.add(tag)
    },
    lifetime(lifetime: ResponseLifetime) {
      notes.stated = { ...notes.stated, ...lifetime }
    },
    noStore() {
      notes.isRefused = true
    },
  }
  return notes
}
