import type { Bus } from './bus.ts'
import type { Engine } from './engine.ts'
import { applyLocally } from './engine.ts'
import type { Entry } from './entry.ts'
import type { RemotePolicy } from './remote-policy.ts'

/** How far the copies in this process can be trusted. */
export interface Coherence {
  /** Whether no invalidation of a copy can have been missed for longer than `maxDrift`. */
  isTrusted(entry: Entry, now: number): boolean
  /** Whether a copy may still be served while the remote store is away. */
  outlivesPartition(entry: Entry, now: number): boolean
  /** Whether no message can have been missed for longer than `maxDrift`. */
  state(): 'complete' | 'behind'
  close(): void
}

export interface CoherenceInput extends Pick<RemotePolicy, 'maxDrift' | 'partitionTtl'> {
  readonly bus: Bus | undefined
}

/** Follows what other processes invalidate. Without a bus each copy has to be confirmed by itself. */
export function createCoherence(engine: Engine, { bus, maxDrift, partitionTtl }: CoherenceInput): Coherence {
  const { invalidations, sinks } = engine
  let confirmedAt = -Infinity

  function confirm(at: number): void {
    confirmedAt = at
    engine.trustedUntil = at + maxDrift
  }

  if (bus === undefined) engine.limits = { ...engine.limits, maxDrift }
  else confirm(-Infinity)
  const unlisten = bus?.listen({
    message: (message) => applyLocally(engine, message),
    confirmed: (at) => confirm(Math.max(confirmedAt, at)),
    gap() {
      invalidations.forget()
      // before the first confirmation there was no trust to lose
      if (confirmedAt > -Infinity) sinks.gap?.({})
      confirm(-Infinity)
    },
  })

  return {
    isTrusted: (entry, now) => now < Math.max(entry.confirmedAt, confirmedAt) + maxDrift,
    outlivesPartition: (entry, now) => now < Math.max(entry.confirmedAt, confirmedAt) + partitionTtl,
    state: () => (engine.clock.now() < confirmedAt + maxDrift ? 'complete' : 'behind'),
    close: () => unlisten?.(),
  }
}
