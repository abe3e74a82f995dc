import type { Bus, BusListener } from './bus.ts'
import type { Engine } from './engine.ts'
import { applyLocally } from './engine.ts'
import type { Entry } from './entry.ts'
import type { RemotePolicy } from './remote-policy.ts'
import { loadBegan } from './within-load.ts'

/** How far the copies in this process can be trusted. */
export interface Coherence {
  /**
   * Whether no invalidation of a copy can have been missed for longer than `maxDrift`; by a loader, whether none can have been
   * missed that was made before its load began. What it makes of the copy would be stored as if it were new.
   */
  isTrusted(entry: Entry, now: number): boolean
  /** Whether a copy may still be served while the remote store is away. */
  outlivesPartition(entry: Entry, now: number): boolean
  /** Whether no message can have been missed for longer than `maxDrift`. */
  state(): 'complete' | 'behind'
  close(): void
}

export interface CoherenceInput extends Pick<RemotePolicy, 'maxDrift' | 'partitionTtl'> {
  readonly bus: Bus | undefined
  /** The store has forgotten writes. */
  forgotten(): void
}

/**
 * Follows what other processes invalidate. Without a bus each copy has to be confirmed by itself; without copies only
 * what the store has forgotten is of interest.
 */
export function createCoherence(engine: Engine, { bus, maxDrift, partitionTtl, forgotten }: CoherenceInput): Coherence {
  const { invalidations, local, sinks } = engine
  const isFollowed = bus !== undefined && local !== undefined
  let confirmedAt = -Infinity

  function confirm(at: number): void {
    confirmedAt = at
    engine.trustedUntil = at + maxDrift
  }

  function distrust(): void {
    invalidations.forget()
    confirm(-Infinity)
  }

  /** What came back may have been invalidated, and nobody knows what: each process that notices clears. */
  function lost(): void {
    if (isFollowed) distrust()
    sinks.gap?.({ lostWrites: true })
    forgotten()
  }

  const following: BusListener = {
    message: (message) => applyLocally(engine, message),
    confirmed: (at) => confirm(Math.max(confirmedAt, at)),
    gap() {
      // before the first confirmation there was no trust to lose
      const isLoss = confirmedAt > -Infinity
      distrust()
      if (isLoss) sinks.gap?.({ lostWrites: false })
    },
    lost,
  }
  const watching: BusListener = { confirmed() {}, gap() {}, lost }

  if (isFollowed) confirm(-Infinity)
  else engine.limits = { ...engine.limits, maxDrift }
  const unlisten = bus?.listen(isFollowed ? following : watching)

  return {
    isTrusted(entry, now) {
      const vouchedAt = Math.max(entry.confirmedAt, confirmedAt)
      return now < vouchedAt + maxDrift && vouchedAt >= loadBegan(engine.clock)
    },
    outlivesPartition: (entry, now) => now < Math.max(entry.confirmedAt, confirmedAt) + partitionTtl,
    state: () => (engine.clock.now() < confirmedAt + maxDrift ? 'complete' : 'behind'),
    close: () => unlisten?.(),
  }
}
