import type { LifetimeOptions } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

/** A lifetime that a handler states for its response. */
export interface ResponseLifetime extends Pick<LifetimeOptions, 'ttl' | 'staleWhileRevalidate' | 'staleIfError'> {
  /** One of the tiers of the cache. What is stated beside it wins. */
  readonly tier?: string
}

/** What a handler decides about its response while it makes it. */
export interface Decisions {
  /**
   * Adds tags to the response. Like the other decisions it may be taken until the last byte is written, with a CDN until
   * the first.
   *
   * @throws ShelflifeError `too-late`
   */
  tag(...tags: readonly string[]): void
  /**
   * Gives the response another lifetime than the options do.
   *
   * @throws ShelflifeError `too-late`
   */
  lifetime(lifetime: ResponseLifetime): void
  /**
   * Keeps the response from being stored.
   *
   * @throws ShelflifeError `too-late`
   */
  noStore(): void
}

/** Decisions with what came of them. */
export interface DecisionNotes extends Decisions {
  readonly tags: ReadonlySet<string>
  readonly stated: ResponseLifetime | undefined
  readonly isRefused: boolean
  /** From now on it is too late, for this reason: what is decided throws. */
  close(why: string): void
}

/** Takes the decisions of one run of a handler. */
export function takeDecisions(): DecisionNotes {
  const tags = new Set<string>()
  let isTooLate: string | undefined

  function inTime(what: string): void {
    if (isTooLate === undefined) return
    throw new ShelflifeError(
      'too-late',
      `${what} of a response cannot be decided any more: ${isTooLate}; decide it earlier`,
    )
  }

  const notes = {
    tags,
    stated: undefined as ResponseLifetime | undefined,
    isRefused: false,
    tag(...more: readonly string[]) {
      if (more.some((tag) => !tags.has(tag))) inTime('tags')
      for (const tag of more) tags.add(tag)
    },
    lifetime(lifetime: ResponseLifetime) {
      inTime('the lifetime')
      notes.stated = { ...notes.stated, ...lifetime }
    },
    noStore() {
      if (!notes.isRefused) inTime('the storing')
      notes.isRefused = true
    },
    close(why: string) {
      isTooLate = why
    },
  }
  return notes
}
