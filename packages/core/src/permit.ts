import type { Allowance } from './allowance.ts'
import type { Codec } from './codec.ts'
import type { Commands } from './commands.ts'
import type { Engine } from './engine.ts'
import { encodeEnvelope } from './envelope.ts'
import { ShelflifeError } from './errors.ts'
import type { Lifetime } from './lifetime.ts'
import { retention } from './lifetime.ts'
import type { Policy } from './options.ts'
import type { CommitInput, Committed, Permit } from './remote.ts'
import type { Lookup } from './request.ts'
import type { Opened, RemoteStore } from './store.ts'

/** Who loads, and what they may still wait for; `isNewer`: what is stored was written by a newer release and stays. */
interface Claim {
  readonly owner: string
  /** `put`: the value was set, so only an invalidation refuses it. */
  readonly command: 'commit' | 'put'
  readonly isNewer: boolean
  readonly allowance: Allowance
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
  /** How long the ids of tags have to outlive the load and an entry of this lifetime. */
  readonly keepOf: (lifetime: Lifetime, policy: Policy) => number
  readonly orElse: <T>(command: string, otherwise: () => T, work: () => Promise<T>) => Promise<T>
}

function refuseLarge({ length }: Uint8Array, { label, maxValueBytes = Infinity }: RemoteStore): void {
  if (length <= maxValueBytes) return
  const why = `its ${length} bytes are more than the \`maxValueBytes\` of ${label} (${maxValueBytes})`
  throw new ShelflifeError('value-too-large', `the value was not stored: ${why}`)
}

/** Makes permits: what a load does with its fence, its lease and the tag ids from before it. */
export function createPermits(
  { policy: cache, clock, sinks, background, local }: Engine,
  { store, codec, commands, lease, keepOf, orElse }: PermitsInput,
): (lookup: Lookup, claim: Claim, grant: Grant, fence: string) => Permit {
  return ({ key, tags, policy }, { owner, command, isNewer, allowance }, { opened, ids, mark }, fence) => {
    const isLeased = opened.state === 'granted' && lease > 0
    let committing: Promise<Committed> | undefined

    /** The ids of all tags from before the load; `undefined` when one of them cannot be had. */
    async function idsOf(all: readonly string[], keep: number): Promise<readonly string[] | undefined> {
      const known = new Map(tags.map((tag, i) => [tag, ids[i]]))
      // the ids have to live as long as the entry, also when its lifetime was only decided by the load
      const late = keep > keepOf(policy.lifetime, policy) ? all : all.filter((tag) => !known.has(tag))
      if (late.length > 0) {
        const capture = { tags: late, keep, since: mark }
        const answer = await commands.call({ command: 'capture', names: late, run: () => store.capture(capture) })
        for (const [i, tag] of late.entries()) known.set(tag, answer?.ids[i])
      }
      const found = all.map((tag) => known.get(tag))
      return found.every((id) => id !== undefined) ? found : undefined
    }

    /** Whether tags have the ids that they had before the load. */
    async function areStill(all: readonly string[], known: readonly (string | undefined)[]): Promise<boolean> {
      const today = await commands.call({ command: 'readTags', names: all, run: () => store.readTags(all) })
      return today?.every((id, i) => id === known[i]) ?? false
    }

    async function isIntact(all: readonly string[]): Promise<boolean> {
      const look = { key, owner, lease: 0, mode: 'early' } as const
      const [opened, tagIds] = await Promise.all([
        commands.call({ command: 'open', key, names: [key], run: () => store.open(look) }),
        idsOf(all, lease),
      ])
      const isFenced = opened !== undefined && 'fence' in opened && opened.fence === fence
      return isFenced && tagIds !== undefined && areStill(all, tagIds)
    }

    async function encode(value: unknown): Promise<Uint8Array | undefined> {
      try {
        const payload = await codec.encode(value)
        refuseLarge(payload, store)
        return payload
      } catch (error) {
        sinks.skip?.({ key, name: policy.name, because: 'unsupported', error })
        return undefined
      }
    }

    async function put({ loaded, entry, ttl, isJoined }: CommitInput, payload: Uint8Array): Promise<Committed> {
      const { lifetime, cost, tier, tags: all } = loaded
      const keep = Math.min(retention(lifetime), cache.maxLifetime)
      const tagIds = await idsOf(all, keepOf(lifetime, policy))
      if (tagIds === undefined) return 'refused'
      const envelope = encodeEnvelope(key, {
        ...lifetime,
        codec: codec.id,
        cost,
        tier,
        tags: all,
        ids: tagIds,
        payload,
      })
      const commit = { key, owner, fence, envelope, age: clock.now() - entry.createdAt, ttl, keep }
      const [isStored, isTagged] = await Promise.all([
        commands.call({ command, key, names: [key], run: () => store[command](commit) }),
        !isJoined || areStill(all, tagIds),
      ])
      if (isStored === undefined) return 'unknown'
      return isStored && isTagged ? 'stored' : 'refused'
    }

    /** What became of a load whose commit nobody waits for; with a local store it was told when it was kept there. */
    function tellLate(committed: Committed): void {
      const { name } = policy
      if (command === 'put' || local !== undefined) return
      if (committed === 'stored') sinks.commit?.({ key, name })
      else if (committed === 'refused') sinks.refuse?.({ key, name })
      else sinks.skip?.({ key, name, because: 'unstored' })
    }

    return {
      hold() {
        let cancel = (): void => {}
        const again = (): void => {
          cancel = clock.after(lease / 3, () => {
            const renewal = { key, owner, lease }
            const run = () => store.renew(renewal)
            background.run(commands.call({ command: 'renew', key, names: [key], run }))
            again()
          })
        }
        if (isLeased) again()
        return () => cancel()
      },
      async commit(input) {
        const { value, tags: all } = input.loaded
        const payload = isNewer ? undefined : await encode(value)
        if (!isNewer && payload === undefined) return 'unsupported'
        committing = orElse<Committed>(
          'commit',
          () => 'unknown',
          async () => {
            if (payload !== undefined) return put(input, payload)
            return (await isIntact(all)) ? 'unwanted' : 'refused'
          },
        )
        const committed = await allowance.wait(committing)
        // whoever loaded it need not wait for the store to have it
        if (committed === undefined) background.run(committing.then(tellLate))
        else if (committed === 'unknown') tellLate(committed)
        return committed ?? 'unknown'
      },
      async isIntact(all) {
        const asking = orElse(
          'isIntact',
          () => false,
          () => isIntact(all),
        )
        return (await allowance.wait(asking)) ?? false
      },
      release(because) {
        const release = { key, owner, failed: because !== 'unused' }
        const send = (): Promise<unknown> =>
          commands.call({ command: 'release', key, names: [key], run: () => store.release(release) })
        // a commit that nobody waits for ends the lease itself, and others must not load before
        const ended = committing?.then((committed) => committed === 'stored' || send())
        background.run(ended ?? send())
      },
    }
  }
}
