import type { Engine } from './engine.ts'
import { fence, keepLocally } from './engine.ts'
import { refuseOption } from './errors.ts'
import type { RemoteOutcome } from './events.ts'
import type { Invalidation } from './invalidate.ts'
import { commit } from './load.ts'
import type { Loaded, Lookup } from './request.ts'

/**
 * Puts a value in the place of whatever is there. Loads that are running are fenced off as by an invalidation.
 *
 * @throws ShelflifeError `invalid-option` for `undefined`, `remote-unreachable` if that is required
 */
export function set(engine: Engine, lookup: Lookup, value: ToSet): Promise<Invalidation> {
  const work = put(engine, lookup, value)
  engine.background.run(work, () => {})
  return work
}

type ToSet = Pick<Loaded, 'value' | 'tier' | 'lifetime'>

async function put(engine: Engine, lookup: Lookup, loaded: ToSet): Promise<Invalidation> {
  const { remote, local, invalidations } = engine
  const { key, tags } = lookup
  if (loaded.value === undefined) refuseOption('value', 'defined; invalidate, or set null', undefined)
  fence(engine, [key])
  const since = invalidations.seq
  const value = { ...loaded, tags, cost: 0, skip: undefined }
  const { permit, allowance } = (await remote?.take(lookup, loaded.lifetime)) ?? {}
  const { committed, isKept, entry } = await commit(engine, lookup, { loaded: value, permit, since, isJoined: false })
  let outcome: RemoteOutcome = 'none'
  try {
    if (remote !== undefined) {
      // refused, by somebody who set it at the same time, or not answered: the old value may still be there
      const isDone = permit !== undefined && committed === 'stored'
      outcome = isDone ? 'done' : await remote.apply('invalidate', [key], { ...lookup.policy, allowance })
    }
  } finally {
    // what was read from the remote store in between may be the old value, and be in the place of the new one by now
    const isStill = isKept && invalidations.check([key, ...entry.tags], since) === 'intact'
    fence(engine, [key])
    if (isStill) keepLocally(engine, key, entry, invalidations.seq)
    else local?.delete(key)
  }
  return { local: true, remote: outcome }
}
