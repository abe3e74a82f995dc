import type { Permit } from './acquire.ts'
import type { Engine } from './engine.ts'
import { keepLocally } from './engine.ts'
import type { Entry } from './entry.ts'
import { jittered, retention } from './lifetime.ts'
import type { Loaded, Lookup } from './loader.ts'
import { entryOf } from './loader.ts'
import type { Remote } from './remote.ts'

/** `unknown`: the remote store did not answer, so an invalidation elsewhere may have been missed. */
export type Committed = 'stored' | 'refused' | 'unsupported' | 'unknown'

export interface CommitInput {
  readonly request: Lookup
  readonly loaded: Loaded
  readonly permit: Permit | undefined
  /** The invalidations known when the load began. */
  readonly since: number
}

/** Stores a value unless it, or one of its tags, was invalidated since its load began. */
export async function commit(
  engine: Engine,
  { request, loaded, permit, since }: CommitInput,
): Promise<{ readonly entry: Entry; readonly committed: Committed }> {
  const { remote, invalidations, sinks, stats } = engine
  const { key, policy } = request
  const ttl = jittered(loaded.lifetime)
  const { entry, error } = entryOf(engine, request, loaded, ttl, since)
  const names = [key, ...loaded.tags]
  const isIntact = (): boolean => invalidations.check(names, since) === 'intact'

  let committed: Committed = error === undefined ? 'stored' : 'unsupported'
  if (error !== undefined) sinks.skip?.({ key, name: policy.name, because: 'unsupported', error })
  else if (!isIntact()) committed = 'refused'
  else if (remote !== undefined && permit !== undefined) {
    committed = await store(engine, remote, request, permit, loaded, entry, ttl)
    if (!isIntact()) committed = 'refused'
  }

  if (committed === 'refused') {
    stats.of(policy.name).refused++
    sinks.refuse?.({ key, name: policy.name })
  } else if (committed !== 'unsupported') {
    keepLocally(engine, key, entry, since)
    sinks.commit?.({ key, name: policy.name })
  }
  if (committed !== 'stored' && remote !== undefined && permit !== undefined) {
    release(engine, remote, key, permit, false)
  }
  return { entry, committed }
}

/** Ends a lease without a value, in the background. */
export function release({ background }: Engine, remote: Remote, key: string, { owner }: Permit, failed: boolean): void {
  background.run(remote.release({ key, owner, failed }))
}

/** The ids of all tags from before the load; `undefined` when one cannot be had. */
async function idsOf(
  remote: Remote,
  permit: Permit,
  tags: readonly string[],
  keep: number,
): Promise<readonly string[] | undefined> {
  const ids = new Map<string, string | undefined>(permit.ids)
  const late = tags.filter((tag) => !ids.has(tag))
  if (late.length > 0) {
    const answer = await remote.capture(late, keep, permit.mark)
    for (const [i, tag] of late.entries()) ids.set(tag, answer?.ids[i])
  }
  const all = tags.map((tag) => ids.get(tag))
  return all.every((id) => id !== undefined) ? all : undefined
}

async function store(
  { sinks, clock, policy }: Engine,
  remote: Remote,
  { key, policy: { name } }: Lookup,
  permit: Permit,
  loaded: Loaded,
  entry: Entry,
  ttl: number,
): Promise<Committed> {
  const { lifetime, cost, tier, tags } = loaded
  const keep = Math.min(retention(lifetime), policy.maxLifetime)
  const ids = await idsOf(remote, permit, tags, keep)
  if (ids === undefined) return 'refused'
  const { staleWhileRevalidate, staleIfError } = lifetime
  let envelope: Uint8Array
  try {
    const header = { ttl: lifetime.ttl, staleWhileRevalidate, staleIfError, cost, tier, tags, ids }
    envelope = await remote.encode(key, loaded.value, header)
  } catch (error) {
    sinks.skip?.({ key, name, because: 'unsupported', error })
    return 'unsupported'
  }
  const { owner, fence } = permit
  const age = clock.now() - entry.createdAt
  const stored = await remote.commit({ key, owner, fence, envelope, age, ttl, keep })
  return stored === undefined ? 'unknown' : stored ? 'stored' : 'refused'
}
