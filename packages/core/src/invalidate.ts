import type { BusMessage } from './bus.ts'
import type { Engine } from './engine.ts'
import { applyLocally } from './engine.ts'
import type { RemoteOutcome } from './events.ts'

/** What is known of an invalidation when its promise resolves. */
export interface Invalidation {
  /** No read in this process that starts now returns what was invalidated. */
  readonly local: true
  /**
   * `done`: the same holds for every process. `queued`: the remote store did not answer; it will be told when it
   * does, and until then this process does not trust what it says on these names. `none`: there is no remote store.
   */
  readonly remote: RemoteOutcome
}

/** Invalidates or expires names here, in the remote store and in every other process. Never rejects. */
export function invalidate(engine: Engine, message: BusMessage): Promise<Invalidation> {
  const work = carryOut(engine, message)
  engine.background.run(work)
  return work
}

async function carryOut(engine: Engine, message: BusMessage): Promise<Invalidation> {
  const { remote, sinks } = engine
  const { type, names } = message
  applyLocally(engine, message)
  let outcome: RemoteOutcome = 'none'
  if (remote !== undefined) {
    outcome = await remote.apply(type, names)
    // what was read from the remote store in between may still be the old value
    applyLocally(engine, message)
  }
  sinks[type]?.({ names, remote: outcome })
  return { local: true, remote: outcome }
}
