import type { Allowance } from './allowance.ts'
import type { Codec } from './codec.ts'
import type { Commands } from './commands.ts'
import type { Engine } from './engine.ts'
import type { Entry } from './entry.ts'
import { createEntry } from './entry.ts'
import type { Envelope } from './envelope.ts'
import { decodeEnvelope, isNewer } from './envelope.ts'
import { ShelflifeError } from './errors.ts'
import type { Isolated, Isolation } from './isolate.ts'
import { isolate } from './isolate.ts'
import type { Lifetime } from './lifetime.ts'
import type { Lookup } from './request.ts'
import type { RemoteRecord, RemoteStore } from './store.ts'

/** What a process knew when it sent the command that brought a record. */
export interface Sent {
  readonly since: number
  readonly at: number
  /** Whether more than one caller may get the value. */
  readonly isShared: boolean
  /** Of the call that sent it. */
  readonly allowance: Allowance
}

/**
 * `void`: something is there, but not an entry that may be used, such as what another codec has left. `newer`: it was written
 * by a newer release, or by one with another codec that is running; two side by side must not overwrite each other for ever. `unavailable`: it cannot be told.
 */
export type Examined = Entry | 'void' | 'newer' | 'unavailable'

/** Clocks are translated, not equal; a record from further ahead than this is not believed. */
const SLACK = 1000
/** For how long what a process with another codec has stored is taken for a sign that it is running. */
const SIDE_BY_SIDE = 60_000

type Ids = readonly (string | undefined)[]

/** A record whose envelope is to be used, with what decides that. */
interface ToUse {
  readonly lookup: Lookup
  readonly record: RemoteRecord
  readonly envelope: Envelope
  /** Whether it has the tags that are asked about, and no other. */
  readonly isSame: boolean
  readonly sent: Sent
}

const invalidating = (id: string): string => id.slice(0, id.indexOf('.'))

let last: Lifetime = { ttl: 0, staleWhileRevalidate: 0, staleIfError: 0, jitter: 0, earlyRefresh: 0, sliding: false }

/** Entries of one function mostly have the same lifetime as the one before, and share it then. */
function lifetimeOf({ ttl, staleWhileRevalidate, staleIfError, earlyRefresh, sliding }: Envelope): Lifetime {
  const isSame =
    ttl === last.ttl &&
    staleWhileRevalidate === last.staleWhileRevalidate &&
    staleIfError === last.staleIfError &&
    earlyRefresh === last.earlyRefresh &&
    sliding === last.sliding
  return isSame ? last : (last = { ttl, staleWhileRevalidate, staleIfError, jitter: 0, earlyRefresh, sliding })
}

/** Makes entries of records, and decides whether they may be used at all. */
export function createRecords(
  engine: Engine,
  { store, codec, commands }: { readonly store: RemoteStore; readonly codec: Codec; readonly commands: Commands },
): (lookup: Lookup, record: RemoteRecord, ids: Ids, sent: Sent) => Examined | Promise<Examined> {
  const { clock, sinks } = engine
  const startedAt = clock.now()

  /**
   * Whether processes with another codec are running beside this one: then one of the two has to leave alone what the
   * other has stored. What they have left behind is overwritten, once a key.
   */
  function isOfOthers({ codec: id }: Envelope, { createdAt }: RemoteRecord): boolean {
    return id > codec.id && createdAt > startedAt && clock.now() < createdAt + SIDE_BY_SIDE
  }

  /** `freshUntil`, unless a tag was invalidated since: then `undefined`. */
  function freshUntil(envelope: Envelope, record: RemoteRecord, ids: Ids): number | undefined {
    let until = record.freshUntil
    for (let i = 0; i < envelope.ids.length; i++) {
      const then = envelope.ids[i] as string
      const today = ids[i]
      if (today === then) continue
      if (today === undefined || invalidating(today) !== invalidating(then)) return undefined
      until = Math.min(until, clock.now())
    }
    return until
  }

  // the codec's own message may quote the value
  const unreadable = (): Error => new ShelflifeError('corrupt-envelope', `codec ${codec.name} cannot read the payload`)

  function valueOf(payload: Uint8Array, isolation: Isolation): Isolated | Promise<Isolated> {
    const isolated = (value: unknown): Isolated => isolate(value, isolation, true)
    try {
      const value: unknown = codec.decode(payload)
      if (!(value instanceof Promise)) return isolated(value)
      return value.then(isolated).catch(() => {
        throw unreadable()
      })
    } catch {
      throw unreadable()
    }
  }

  /** The ids that the tags of an envelope have today, some of which were only named during its load. */
  async function idsOf({ tags }: Envelope, known: ReadonlyMap<string, string | undefined>, allowance: Allowance) {
    const others = tags.filter((tag) => !known.has(tag))
    const run = () => store.readTags(others)
    const reading = commands.call({ command: 'readTags', names: others, run, allowance })
    const more = await allowance.wait(reading, commands.budget.read)
    return more && tags.map((tag) => (known.has(tag) ? known.get(tag) : more[others.indexOf(tag)]))
  }

  function use(toUse: ToUse, ids: Ids | undefined): Examined | Promise<Examined> {
    const { lookup, record, envelope, sent } = toUse
    const { key, policy } = lookup
    if (ids === undefined || commands.distrusts([key, ...envelope.tags])) return 'unavailable'
    const until = freshUntil(envelope, record, ids)
    if (until === undefined) return 'void'
    // nobody else gets a fresh value that one caller asked for alone
    const isPrivate = !sent.isShared && policy.isolation === 'freeze' && clock.now() < until
    const value = valueOf(envelope.payload, isPrivate ? 'share' : policy.isolation)
    return value instanceof Promise
      ? value.then((later) => entryWith(toUse, until, later))
      : entryWith(toUse, until, value)
  }

  function entryWith(toUse: ToUse, until: number, { value, copied }: Isolated): Entry {
    const { lookup, record, envelope, isSame, sent } = toUse
    return createEntry({
      value,
      copied,
      name: lookup.policy.name,
      tier: envelope.tier,
      lifetime: lifetimeOf(envelope),
      createdAt: record.createdAt,
      freshUntil: until,
      confirmedAt: sent.at,
      cost: envelope.cost,
      // mostly those that all entries of this key share
      tags: isSame ? lookup.tags : envelope.tags,
      checked: sent.since,
      maxLifetime: engine.limits.maxLifetime,
      maxDrift: engine.limits.maxDrift,
    })
  }

  function judge(lookup: Lookup, record: RemoteRecord, answers: Ids, sent: Sent): Examined | Promise<Examined> {
    const { key, tags } = lookup
    const envelope = decodeEnvelope(key, record.envelope)
    const soonest = clock.now() + SLACK
    const isBelievable = record.createdAt <= soonest && record.freshUntil <= soonest + envelope.ttl
    const isSame = tags.length === envelope.tags.length && tags.every((tag, i) => tag === envelope.tags[i])
    // a tag that is expected now but was not stored then could be invalidated without effect
    const isTagged = isSame || tags.every((tag) => envelope.tags.includes(tag))
    if (isBelievable && isOfOthers(envelope, record)) return 'newer'
    if (envelope.codec !== codec.id || !isBelievable || !isTagged) return 'void'
    const toUse = { lookup, record, envelope, isSame, sent }
    if (isSame) return use(toUse, answers)
    const known = new Map(tags.map((tag, i) => [tag, answers[i]]))
    return idsOf(envelope, known, sent.allowance).then((ids) => use(toUse, ids))
  }

  return (lookup, record, ids, sent) => {
    const { key } = lookup
    function corrupt(error: unknown): Examined {
      sinks.corrupt?.({ key, error })
      return isNewer(key, record.envelope) ? 'newer' : 'void'
    }
    try {
      const examined = judge(lookup, record, ids, sent)
      return examined instanceof Promise ? examined.catch(corrupt) : examined
    } catch (error) {
      return corrupt(error)
    }
  }
}
