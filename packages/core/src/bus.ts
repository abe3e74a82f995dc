/** What one process tells the others. A message names keys or tags and never carries a value. */
export interface BusMessage {
  readonly type: 'invalidate' | 'expire' | 'invalidateTags' | 'expireTags'
  /** Full keys or full tag names. */
  readonly names: readonly string[]
}

export interface BusListener {
  /** A message of another process; one's own may be left out. */
  message(message: BusMessage): void
  /** Nothing sent before `at` (on the clock of this process) is still missing. */
  confirmed(at: number): void
  /** Messages may have been lost: nothing held locally can be trusted any more. */
  gap(): void
}

/** Carries invalidations between processes. Losing messages is allowed as long as it is noticed. */
export interface Bus {
  /** Starts delivering. Returns what stops it. */
  listen(listener: BusListener): () => void
}
