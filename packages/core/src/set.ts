import type { Engine, Write } from './engine.ts'
import { fence, outcomesOf, putLocally } from './engine.ts'
import { refuseOption } from './errors.ts'
import type { RemoteOutcome } from './events.ts'
import type { Invalidation } from './invalidate.ts'
import { jittered } from './lifetime.ts'
import { entryOf } from './loader.ts'
import type { Put } from './remote.ts'
import type { Loaded, Lookup } from './request.ts'
import type { Watch } from './watches.ts'

type ToSet = Pick<Loaded, 'value' | 'tier' | 'lifetime'>

/**
 * Puts a value in the place of whatever is there. Loads that are running are fenced off as by an invalidation. The last of
 * several wins: of one key one write at a time is under way, and of those that wait meanwhile only the last is carried out.
 *
 * @throws ShelflifeError `invalid-option` for `undefined`, `remote-unreachable` if that is required
 */
export function set(engine: Engine, lookup: Lookup, value: ToSet): Promise<Invalidation> {
  const work = put(engine, lookup, value)
  engine.background.run(work, () => {})
  return engine.keepAlive.during(work)
}

async function put(engine: Engine, lookup: Lookup, loaded: ToSet): Promise<Invalidation> {
  const { writes, setsOf, remote, invalidations, sinks } = engine
  const { key, tags, policy } = lookup
  if (loaded.value === undefined) refuseOption('value', 'defined; invalidate, or set null', undefined)
  fence(engine, [key])
  const watch = invalidations.watch(key)
  const isLast = (): boolean => writes.get(key) === write && !write.isVoid
  // invalidations of its tags, which began before it and are to end before it
  const before = outcomesOf(engine, tags)
  const run = async (): Promise<RemoteOutcome | undefined> => {
    if (before.length > 0) {
      await Promise.all(before)
      invalidations.renew(watch)
    }
    const leave = await remote?.admit(key)
    try {
      if (isLast()) {
        write.sent = outcome
        return await carryOut(engine, lookup, { loaded, watch, write, isLast })
      }
      if (write.isVoid) sinks.refuse?.({ key, name: policy.name })
      return undefined
    } finally {
      leave?.()
    }
  }
  const last = writes.get(key)
  const outcome = (last?.outcome ?? NOW).then(run, run)
  const write: Write = { outcome, sent: last?.sent, isVoid: false }
  writes.set(key, write)
  if (remote) for (const tag of tags) setsOf.set(tag, (setsOf.get(tag) ?? new Set()).add(write))
  try {
    const told = (await outcome) ?? (await outcomeOfLater(engine, key, write))
    return { local: true, remote: told ?? (await remote?.apply('invalidate', [key], policy)) ?? 'none' }
  } finally {
    invalidations.end(watch)
    if (writes.get(key) === write) writes.delete(key)
    for (const tag of tags) {
      const sets = setsOf.get(tag)
      if (sets?.delete(write) && sets.size === 0) setsOf.delete(tag)
    }
  }
}

const NOW = Promise.resolve()

/** What became of the last of those that came later, if it was carried out. */
async function outcomeOfLater(engine: Engine, key: string, write: Write): Promise<RemoteOutcome | undefined> {
  const later = engine.writes.get(key)
  if (later === undefined || later === write) return undefined
  return (await later.outcome) ?? outcomeOfLater(engine, key, later)
}

interface ToCarryOut {
  readonly loaded: ToSet
  readonly watch: Watch
  readonly write: Write
  /** Whether neither a later `set` nor an invalidation in this process has taken its place. */
  readonly isLast: () => boolean
}

async function carryOut(
  engine: Engine,
  lookup: Lookup,
  { loaded, watch, write, isLast }: ToCarryOut,
): Promise<RemoteOutcome> {
  const { remote, local, invalidations, sinks } = engine
  const { key, policy } = lookup
  const { name } = policy
  const value: Loaded = { ...loaded, tags: lookup.tags, cost: 0, skip: undefined }
  const ttl = jittered(value.lifetime)
  const { entry, error } = entryOf(engine, lookup, value, ttl, watch.since)
  const isFit = error === undefined
  if (!isFit) sinks.skip?.({ key, name, because: 'unsupported', error })
  const { isStored, isKept, told, failure }: Put = remote
    ? await remote.put(lookup, isFit && { loaded: value, entry, ttl })
    : { isStored: isFit, isKept: isFit, told: 'none' }
  let isStill = false
  // the one after it is yet to come, and what is here is from before both
  if (!isLast()) local?.delete(key)
  else {
    isStill = isKept && invalidations.isIntact(watch, entry.tags)
    // what was read from the remote store in between may be the old value, and be in the place of the new one by now
    fence(engine, [key])
    invalidations.renew(watch)
    if (isStill) putLocally(engine, watch, entry)
    else local?.delete(key)
    if (isStill && !isStored) remote?.untilTold(key, entry)
  }
  // also where it is not kept here, because messages of other processes may have been missed meanwhile
  if (isStored && isLast() && (isStill || remote)) sinks.commit?.({ key, name })
  else if (isStored && (isLast() || write.isVoid)) sinks.refuse?.({ key, name })
  if (failure) throw failure
  return told
}
