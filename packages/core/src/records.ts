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
import type { Lookup } from './request.ts'
import type { RemoteRecord, RemoteStore } from './store.ts'

/** What a process knew when it sent the command that brought a record. */
export interface Sent {
  readonly since: number
  readonly at: number
}

/**
 * `void`: something is there, but not an entry that may be used. `newer`: it was written by a newer release; two
 * releases side by side must not overwrite each other for ever. `unavailable`: it cannot be told.
 */
export type Examined = Entry | 'void' | 'newer' | 'unavailable'

/** Clocks are translated, not equal; a record from further ahead than this is not believed. */
const SLACK = 1000

const invalidating = (id: string): string => id.slice(0, id.indexOf('.'))

/** Makes entries of records, and decides whether they may be used at all. */
export function createRecords(
  engine: Engine,
  { store, codec, commands }: { readonly store: RemoteStore; readonly codec: Codec; readonly commands: Commands },
): (lookup: Lookup, record: RemoteRecord, ids: readonly (string | undefined)[], sent: Sent) => Promise<Examined> {
  const { clock, sinks } = engine

  /** `freshUntil`, unless a tag was invalidated since: then `undefined`. */
  function freshUntil(envelope: Envelope, record: RemoteRecord, ids: ReadonlyMap<string, string | undefined>) {
    let until = record.freshUntil
    for (const [i, tag] of envelope.tags.entries()) {
      const then = envelope.ids[i] as string
      const today = ids.get(tag)
      if (today === then) continue
      if (today === undefined || invalidating(today) !== invalidating(then)) return undefined
      until = Math.min(until, clock.now())
    }
    return until
  }

  async function valueOf(payload: Uint8Array, isolation: Isolation): Promise<Isolated> {
    try {
      return isolate(await codec.decode(payload), isolation)
    } catch {
      // the codec's own message may quote the value
      throw new ShelflifeError('corrupt-envelope', `codec ${codec.name} cannot read the payload`)
    }
  }

  async function decode({ policy }: Lookup, record: RemoteRecord, envelope: Envelope, until: number, sent: Sent) {
    const { ttl, staleWhileRevalidate, staleIfError, payload, cost, tier, tags } = envelope
    return createEntry({
      ...(await valueOf(payload, policy.isolation)),
      name: policy.name,
      tier,
      lifetime: { ...policy.lifetime, ttl, staleWhileRevalidate, staleIfError },
      createdAt: record.createdAt,
      freshUntil: until,
      confirmedAt: sent.at,
      cost,
      tags,
      checked: sent.since,
      bytes: payload.length,
      ...engine.limits,
    })
  }

  return async (lookup, record, answers, sent) => {
    const { key, tags } = lookup
    try {
      const envelope = decodeEnvelope(key, record.envelope)
      const soonest = clock.now() + SLACK
      const isBelievable = record.createdAt <= soonest && record.freshUntil <= soonest + envelope.ttl
      // a tag that is expected now but was not stored then could be invalidated without effect
      const isTagged = tags.every((tag) => envelope.tags.includes(tag))
      if (envelope.codec > codec.id) return 'newer'
      if (envelope.codec !== codec.id || !isBelievable || !isTagged) return 'void'
      const ids = new Map(tags.map((tag, i) => [tag, answers[i]]))
      // tags that were only named during the load
      const others = envelope.tags.filter((tag) => !ids.has(tag))
      if (others.length > 0) {
        const more = await commands.call('readTags', others, () => store.readTags(others))
        if (more === undefined) return 'unavailable'
        for (const [i, tag] of others.entries()) ids.set(tag, more[i])
      }
      if (commands.distrusts([key, ...envelope.tags])) return 'unavailable'
      const until = freshUntil(envelope, record, ids)
      return until === undefined ? 'void' : await decode(lookup, record, envelope, until, sent)
    } catch (error) {
      sinks.corrupt?.({ key, error })
      return isNewer(key, record.envelope) ? 'newer' : 'void'
    }
  }
}
