import type { BusMessage } from './bus.ts'
import type { Engine } from './engine.ts'
import { applyLocally } from './engine.ts'
import type { RemoteOutcome } from './events.ts'
import type { InvalidationOptions } from './options.ts'

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

/**
 * Invalidates or expires names here, in the remote store and in every other process.
 *
 * @throws ShelflifeError `remote-unreachable` if that is required
 */
export function invalidate(
  engine: Engine,
  message: BusMessage,
  options: InvalidationOptions | undefined,
): Promise<Invalidation> {
  const work = carryOut(engine, message, options)
  // who waits for it is told
  engine.background.run(work, () => {})
  return work
}

async function carryOut(
  engine: Engine,
  message: BusMessage,
  options: InvalidationOptions | undefined,
): Promise<Invalidation> {
  const { remote, sinks } = engine
  const { type, names } = message
  let outcome: RemoteOutcome = remote ? 'queued' : 'none'
  applyLocally(engine, message)
  try {
    if (remote !== undefined) outcome = await remote.apply(type, names, options)
  } finally {
    // what was read from the remote store in between may still be the old value
    applyLocally(engine, message)
    sinks[type]?.({ names, remote: outcome })
  }
  return { local: true, remote: outcome }
}
