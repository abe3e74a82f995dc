import type { Engine } from './engine.ts'
import { find, isTrusted, keepLocally, outlivesPartition } from './engine.ts'
import type { Entry } from './entry.ts'
import { createEntry, phaseOf, servesErrors } from './entry.ts'
import type { Arrival, Flight } from './flight.ts'
import { retention } from './lifetime.ts'
import type { Lookup, Request } from './loader.ts'
import type { Found, Grant, Remote, RemoteAnswer } from './remote.ts'
import type { OpenRequest } from './store.ts'

/**
 * `read`: a caller waits. `refresh`: a value is being served, nobody waits. `early`: the same while it is still fresh.
 * `reload`: a caller wants what the loader says now; loads that run already are fenced off.
 */
export type Purpose = 'read' | 'refresh' | 'early' | 'reload'

/** What a commit has to present, captured before the load. */
export interface Permit {
  readonly owner: string
  readonly fence: string
  readonly leased: boolean
  readonly ids: ReadonlyMap<string, string>
  readonly mark: string
}

/** Either the answer, or what is needed to load. No permit: load, but there is nowhere to commit to. */
export type Acquired =
  | { readonly arrival: Arrival }
  | { readonly arrival?: never; readonly permit: Permit | undefined; readonly fallback: Entry | undefined }

const instance = crypto.randomUUID()
let owners = 0

export const newOwner = (): string => `${instance}:${++owners}`

const MODES: Readonly<Record<Purpose, OpenRequest['mode']>> = {
  read: 'load',
  refresh: 'load',
  early: 'early',
  reload: 'take',
}

/** The copy in this process that may be served when loading fails. */
export function fallbackFor(engine: Engine, key: string, remoteAway: boolean): Entry | undefined {
  const now = engine.clock.now()
  const entry = find(engine, key)
  if (entry === undefined || !servesErrors(entry, now)) return undefined
  const usable = isTrusted(engine, entry, now) || (remoteAway && outlivesPartition(engine, entry, now))
  return usable ? entry : undefined
}

/** Asks the remote store until it has the value, or gives the right to load it, or cannot be asked. */
export async function acquire(
  engine: Engine,
  remote: Remote,
  request: Request,
  purpose: Purpose,
  flight: Flight,
): Promise<Acquired> {
  const { clock, invalidations, sinks, stats } = engine
  const { key, policy, tags } = request
  const owner = newOwner()
  const waitUntil = clock.now() + policy.hardTimeout
  let mode = MODES[purpose]
  let fallback: Entry | undefined

  for (;;) {
    if (mode !== 'take') {
      // whoever asks before the command is sent shares its answer
      await Promise.resolve()
      flight.phase = 'reading'
      const since = invalidations.seq
      const sentAt = clock.now()
      const answer = await remote.read(key, tags)
      if (answer === 'unavailable') return withoutRemote(engine, request, purpose, fallback)
      const examined = await examine(engine, remote, request, purpose, answer, since, sentAt)
      if (examined.arrival !== undefined) return { arrival: examined.arrival }
      fallback = examined.fallback ?? fallbackFor(engine, key, false)
      // the store takes it for fresh, but it must not be used
      if (answer === 'void') mode = 'early'
    }

    // what is invalidated from here on is invalidated for this load
    flight.since = invalidations.seq
    const sentAt = clock.now()
    // somebody who renews a lease for longer than any load may take does not hold us up
    const lease = remote.leases && sentAt < waitUntil ? engine.policy.lease : 0
    const grant = await remote.open({ key, owner, lease, mode }, tags, retention(policy.lifetime))
    if (grant === undefined) return withoutRemote(engine, request, purpose, fallback)
    const { opened } = grant
    const permit = permitOf({ owner, lease }, tags, grant)
    if (permit !== undefined) return { permit, fallback }
    if (opened.state === 'filled') {
      const examined = await examine(engine, remote, request, purpose, opened.answer, flight.since, sentAt)
      if (examined.arrival !== undefined) return { arrival: examined.arrival }
      mode = 'early'
      continue
    }
    // somebody else refreshes it, and nobody waits here
    if (fallback !== undefined && purpose !== 'read' && purpose !== 'reload') {
      return { arrival: { entry: fallback, outcome: 'stale', store: 'remote', shared: true } }
    }
    stats.of(policy.name).waits++
    sinks.wait?.({ key, name: policy.name })
    flight.phase = 'open'
    await remote.settled(key, opened.state === 'held' ? opened.retryAfter : 0)
  }
}

/** What a commit will have to present, if the store gave it. */
export function permitOf(
  { owner, lease }: Pick<OpenRequest, 'owner' | 'lease'>,
  tags: readonly string[],
  { opened, ids, mark }: Grant,
): Permit | undefined {
  if (opened.state !== 'granted' && opened.state !== 'failed') return undefined
  const leased = opened.state === 'granted' && lease > 0
  return { owner, fence: opened.fence, leased, ids: new Map(tags.map((tag, i) => [tag, ids[i] as string])), mark }
}

/** An entry that can be served, as it is now. */
export function arrivalOf(entry: Entry, now: number, store: Arrival['store']): Arrival | undefined {
  const phase = phaseOf(entry, now)
  if (phase === 'expired') return undefined
  return { entry, outcome: phase === 'fresh' ? 'hit' : 'stale', store, shared: true }
}

/** The copy in this process, as long as it may be served without the remote store. */
export function readPartitioned(engine: Engine, key: string): Arrival | undefined {
  const now = engine.clock.now()
  const copy = find(engine, key)
  return copy !== undefined && outlivesPartition(engine, copy, now) ? arrivalOf(copy, now, 'local') : undefined
}

/** The remote store cannot be asked. */
function withoutRemote(engine: Engine, { key }: Request, purpose: Purpose, known: Entry | undefined): Acquired {
  const arrival = purpose === 'read' ? readPartitioned(engine, key) : undefined
  return arrival === undefined ? { permit: undefined, fallback: known ?? fallbackFor(engine, key, true) } : { arrival }
}

interface Examined {
  readonly arrival?: Arrival
  /** Too old to be served, but better than an error. */
  readonly fallback?: Entry
}

/** Whether an answer of the remote store can be used now; if so it is kept here too. */
async function examine(
  engine: Engine,
  remote: Remote,
  request: Request,
  purpose: Purpose,
  answer: RemoteAnswer,
  since: number,
  sentAt: number,
): Promise<Examined> {
  if (typeof answer === 'string') return {}
  const entry = await entryFrom(engine, remote, request, answer, since, sentAt)
  const now = engine.clock.now()
  if (entry === undefined || !servesErrors(entry, now)) return {}
  const phase = phaseOf(entry, now)
  const isFresh = phase === 'fresh' && !(purpose === 'early' && now >= entry.hotUntil)
  if (!isFresh && (phase === 'expired' || purpose !== 'read')) return { fallback: entry }
  keepLocally(engine, request.key, entry, since)
  const arrival = arrivalOf(entry, now, 'remote')
  return arrival === undefined ? {} : { arrival }
}

/** Decodes what the remote store holds. `undefined`: the value cannot be read. */
export async function entryFrom(
  engine: Engine,
  remote: Remote,
  { key, policy }: Lookup,
  { envelope, createdAt, freshUntil }: Found,
  since: number,
  sentAt: number,
): Promise<Entry | undefined> {
  const decoded = await remote.decode(key, envelope, policy.isolation)
  if (decoded === undefined) return undefined
  const { ttl, staleWhileRevalidate, staleIfError } = envelope
  return createEntry({
    ...decoded,
    name: policy.name,
    tier: envelope.tier,
    lifetime: { ...policy.lifetime, ttl, staleWhileRevalidate, staleIfError },
    createdAt,
    freshUntil,
    confirmedAt: sentAt,
    cost: envelope.cost,
    tags: envelope.tags,
    checked: since,
    bytes: envelope.payload.length,
    ...engine.limits,
  })
}
