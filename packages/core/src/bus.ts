/** What one process tells the others. A message names keys or tags and never carries a value. */
export interface BusMessage {
  readonly type: 'invalidate' | 'expire' | 'invalidateTags' | 'expireTags'
  /** Full keys or full tag names. */
  readonly names: readonly string[]
}

export interface BusListener {
  /** A message of another process; one's own may be left out. Absent: nothing need be delivered. */
  message?(message: BusMessage): void
  /**
   * Nothing sent before `at` (on the clock of this process) is still missing. Said twice a second and more while that is so:
   * copies are trusted for `maxDrift` after the latest `at`, so a bus that says it every n milliseconds is of no use to caches
   * with a `maxDrift` of n, and good from about twice as many.
   */
  confirmed(at: number): void
  /**
   * Messages may have been lost: nothing held locally can be trusted any more. Said before the next `confirmed`. A bus that
   * cannot lose any never says it.
   */
  gap(): void
  /**
   * A gap, and more: messages that this process knew of were never sent, as far as the store remembers. It has forgotten
   * writes that it had carried out, so what it holds may have been invalidated.
   */
  lost(): void
}

/** Carries invalidations between processes. Losing messages is allowed as long as it is noticed, a loss of history too. */
export interface Bus {
  /** Starts delivering. Returns what stops it. */
  listen(listener: BusListener): () => void
}
