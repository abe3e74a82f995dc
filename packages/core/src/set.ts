import { newOwner, permitOf } from './acquire.ts'
import { commit } from './commit.ts'
import type { Engine } from './engine.ts'
import { fence } from './engine.ts'
import { ShelflifeError } from './errors.ts'
import type { RemoteOutcome } from './events.ts'
import type { Invalidation } from './invalidate.ts'
import { retention } from './lifetime.ts'
import type { Loaded, Lookup } from './loader.ts'

/**
 * Puts a value in the place of whatever is there. Loads that are running are fenced off as by an invalidation.
 *
 * @throws ShelflifeError `invalid-option` for `undefined`
 */
export async function set(
  engine: Engine,
  request: Lookup,
  loaded: Pick<Loaded, 'value' | 'tier' | 'lifetime'>,
): Promise<Invalidation> {
  const { remote, local, invalidations, policy } = engine
  const { key, tags } = request
  if (loaded.value === undefined) {
    throw new ShelflifeError('invalid-option', `the value to set for ${key} is undefined; use invalidate, or set null`)
  }
  fence(engine, [key])
  const since = invalidations.seq
  const input = { request, loaded: { ...loaded, tags, cost: 0, skip: undefined }, since }
  if (remote === undefined) {
    await commit(engine, { ...input, permit: undefined })
    return { local: true, remote: 'none' }
  }

  const open = { key, owner: newOwner(), lease: remote.leases ? policy.lease : 0, mode: 'take' } as const
  const grant = await remote.open(open, tags, retention(loaded.lifetime))
  const permit = grant && permitOf(open, tags, grant)
  const { committed } = await commit(engine, { ...input, permit })
  let outcome: RemoteOutcome = 'done'
  // the old value may still be there
  if (permit === undefined || committed === 'unknown' || committed === 'unsupported') {
    outcome = await remote.apply('invalidate', [key])
  }
  if (committed === 'refused' || committed === 'unsupported') local?.delete(key)
  // what was read from the remote store in between may still be the old value
  fence(engine, [key])
  return { local: true, remote: outcome }
}
