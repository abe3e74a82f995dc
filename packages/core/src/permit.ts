import type { Codec } from './codec.ts'
import type { Commands } from './commands.ts'
import type { Engine } from './engine.ts'
import { encodeEnvelope } from './envelope.ts'
import { ShelflifeError } from './errors.ts'
import type { Lifetime } from './lifetime.ts'
import { retention } from './lifetime.ts'
import type { Committed, Permit } from './remote.ts'
import type { Loaded, Lookup } from './request.ts'
import type { Opened, RemoteStore } from './store.ts'

/** Who loads; `isNewer`: what is stored was written by a newer release and stays. */
interface Claim {
  readonly owner: string
  readonly isNewer: boolean
}

/** The answer to `open`, with the ids of the tags at that moment. */
export interface Grant {
  readonly opened: Opened
  readonly ids: readonly (string | undefined)[]
  readonly mark: string
}

interface PermitsInput {
  readonly store: RemoteStore
  readonly codec: Codec
  readonly commands: Commands
  readonly lease: number
  /** How long the ids of tags have to be kept for an entry of this lifetime. */
  readonly keepOf: (lifetime: Lifetime) => number
  readonly orElse: <T>(command: string, otherwise: () => T, work: () => Promise<T>) => Promise<T>
}

function refuseLarge({ length }: Uint8Array, { label, maxValueBytes = Infinity }: RemoteStore): void {
  if (length <= maxValueBytes) return
  const why = `its ${length} bytes are more than the \`maxValueBytes\` of ${label} (${maxValueBytes})`
  throw new ShelflifeError('unsupported-value', `the value was not stored: ${why}`)
}

/** Makes permits: what a load does with its fence, its lease and the tag ids from before it. */
export function createPermits(
  { policy: cache, clock, sinks, background }: Engine,
  { store, codec, commands, lease, keepOf, orElse }: PermitsInput,
): (lookup: Lookup, claim: Claim, grant: Grant, fence: string) => Permit {
  return ({ key, tags, policy }, { owner, isNewer }, { opened, ids, mark }, fence) => {
    const isLeased = opened.state === 'granted' && lease > 0

    /** The ids of all tags from before the load; `undefined` when one of them cannot be had. */
    async function idsOf(all: readonly string[], keep: number): Promise<readonly string[] | undefined> {
      const known = new Map(tags.map((tag, i) => [tag, ids[i]]))
      // the ids have to live as long as the entry, also when its lifetime was only decided by the load
      const late = keep > keepOf(policy.lifetime) ? all : all.filter((tag) => !known.has(tag))
      if (late.length > 0) {
        const answer = await commands.call('capture', late, () => store.capture({ tags: late, keep, since: mark }))
        for (const [i, tag] of late.entries()) known.set(tag, answer?.ids[i])
      }
      const found = all.map((tag) => known.get(tag))
      return found.every((id) => id !== undefined) ? found : undefined
    }

    /** Whether tags have the ids that they had before the load. */
    async function areStill(all: readonly string[], known: readonly (string | undefined)[]): Promise<boolean> {
      const today = await commands.call('readTags', all, () => store.readTags(all))
      return today?.every((id, i) => id === known[i]) ?? false
    }

    async function isIntact(all: readonly string[]): Promise<boolean> {
      const [opened, tagIds] = await Promise.all([
        commands.call('open', [key], () => store.open({ key, owner, lease: 0, mode: 'early' })),
        idsOf(all, lease),
      ])
      const isFenced = opened !== undefined && 'fence' in opened && opened.fence === fence
      return isFenced && tagIds !== undefined && areStill(all, tagIds)
    }

    async function encode(loaded: Loaded, tagIds: readonly string[]): Promise<Uint8Array | undefined> {
      const { lifetime, cost, tier } = loaded
      const { ttl, staleWhileRevalidate, staleIfError } = lifetime
      try {
        const payload = await codec.encode(loaded.value)
        refuseLarge(payload, store)
        const header = { codec: codec.id, ttl, staleWhileRevalidate, staleIfError, cost, tier }
        return encodeEnvelope(key, { ...header, tags: loaded.tags, ids: tagIds, payload })
      } catch (error) {
        sinks.skip?.({ key, name: policy.name, because: 'unsupported', error })
        return undefined
      }
    }

    return {
      hold() {
        let cancel = (): void => {}
        const again = (): void => {
          cancel = clock.after(lease / 3, () => {
            background.run(commands.call('renew', [key], () => store.renew({ key, owner, lease })))
            again()
          })
        }
        if (isLeased) again()
        return () => cancel()
      },
      commit({ loaded, entry, ttl, isJoined }) {
        return orElse<Committed>(
          'commit',
          () => 'unknown',
          async () => {
            if (isNewer) return (await isIntact(loaded.tags)) ? 'unwanted' : 'refused'
            const keep = Math.min(retention(loaded.lifetime), cache.maxLifetime)
            const tagIds = await idsOf(loaded.tags, keepOf(loaded.lifetime))
            if (tagIds === undefined) return 'refused'
            const envelope = await encode(loaded, tagIds)
            if (envelope === undefined) return 'unsupported'
            const age = clock.now() - entry.createdAt
            const commit = { key, owner, fence, envelope, age, ttl, keep }
            const [isStored, isTagged] = await Promise.all([
              commands.call('commit', [key], () => store.commit(commit)),
              !isJoined || areStill(loaded.tags, tagIds),
            ])
            if (isStored === undefined) return 'unknown'
            return isStored && isTagged ? 'stored' : 'refused'
          },
        )
      },
      isIntact: (all) =>
        orElse(
          'isIntact',
          () => false,
          () => isIntact(all),
        ),
      release(because) {
        const release = { key, owner, failed: because === 'failed' }
        background.run(commands.call('release', [key], () => store.release(release)))
      },
    }
  }
}
