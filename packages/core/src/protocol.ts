import { advise } from './advice.ts'
import type { Allowance } from './allowance.ts'
import { createAllowance } from './allowance.ts'
import { createCoherence } from './coherence.ts'
import { createCommands } from './commands.ts'
import type { Engine } from './engine.ts'
import { arrivalOf, fallbackFor, find, keepLocally } from './engine.ts'
import type { Entry } from './entry.ts'
import { phaseOf, servesErrors } from './entry.ts'
import type { Arrival, Flight } from './flight.ts'
import { ShelflifeError } from './errors.ts'
import { jsonCodec } from './json-codec.ts'
import type { Lifetime } from './lifetime.ts'
import { retention } from './lifetime.ts'
import { createPermits } from './permit.ts'
import type { Examined, Sent } from './records.ts'
import { createRecords } from './records.ts'
import { resolveRemote } from './remote-policy.ts'
import type { Acquired, Purpose, Remote } from './remote.ts'
import type { Lookup, Request } from './request.ts'
import { secretKeys, shortKey } from './short-key.ts'
import type { OpenRequest, Protocol, RemoteStore } from './store.ts'

export { jsonCodec, secretKeys }

interface ToOpen extends Omit<OpenRequest, 'key'> {
  readonly lifetime: Lifetime
  readonly allowance: Allowance
}

interface Settled {
  readonly arrival?: Arrival
  /** Too old to be served, but better than an error. */
  readonly fallback?: Entry
}

const MODES: Readonly<Record<Purpose, OpenRequest['mode']>> = {
  read: 'load',
  refresh: 'load',
  early: 'early',
  reload: 'take',
}

/** However soon a lease is said to end; a wake-up comes sooner. */
const SHORTEST_WAIT = 250

let instance: string | undefined
let owners = 0

/** Not before the first load: some runtimes have no random numbers while modules are loaded. */
const newOwner = (): string => `${(instance ??= crypto.randomUUID())}:${++owners}`

function connect(engine: Engine, store: RemoteStore): Remote {
  const { policy: cache, clock, invalidations, sinks, stats, background } = engine
  const { codec, lease, ...drift } = resolveRemote(engine.options, store)
  engine.shorten = store.keyOf ?? shortKey
  const commands = createCommands({ store, namespace: cache.namespace, clock, sinks, background })
  const examine = createRecords(engine, { store, codec, commands })

  void advise(engine, store)

  const coherence = createCoherence(engine, { ...drift, bus: engine.local && store.bus })

  const { budget } = commands
  // a read may have the longer one
  const allow = (): Allowance => createAllowance(clock, Math.max(budget.read, budget.write))

  const now = (allowance: Allowance, isShared = true): Sent => ({
    since: invalidations.seq,
    at: clock.now(),
    isShared,
    allowance,
  })

  // ids of tags have to outlive the load and the entry
  const keepOf = (lifetime: Lifetime): number => retention(lifetime) + cache.hardTimeout

  /** What becomes of work in which the store answers something that makes no sense. */
  const orElse = <T>(command: string, otherwise: () => T, work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      sinks.storeError?.({ store: store.label, command, error })
      return otherwise()
    })

  const permitOf = createPermits(engine, { store, codec, commands, lease, keepOf, orElse })

  async function ask(lookup: Lookup, sent: Sent): Promise<Examined | 'none'> {
    const { key, tags } = lookup
    const { allowance } = sent
    if (allowance.left <= 0) return 'unavailable'
    const reading = commands.call('read', [key, ...tags], () => store.read(key, tags))
    const answer = await allowance.wait(reading, budget.read)
    if (answer === undefined) return 'unavailable'
    return answer.record === undefined ? 'none' : examine(lookup, answer.record, answer.ids, sent)
  }

  async function open({ key, tags }: Lookup, { lifetime, allowance, ...request }: ToOpen) {
    const names = [key, ...tags]
    const keep = keepOf(lifetime)
    if (allowance.left <= 0) return undefined
    const opening = Promise.all([
      commands.call('open', names, () => store.open({ key, ...request })),
      commands.call('capture', names, () => store.capture({ tags, keep })),
    ])
    const [opened, captured] = (await allowance.wait(opening, budget.write)) ?? []
    if (opened && captured) return { opened, ...captured }
    // the lease may be ours all the same, or be so when the answer comes
    const release = { key, owner: request.owner, failed: false }
    background.run(opening.then(() => commands.call('release', [key], () => store.release(release))))
    return undefined
  }

  /** The copy in this process, as long as it may be used without the remote store. */
  function copyOf(key: string): Entry | undefined {
    const copy = find(engine, key)
    return copy !== undefined && coherence.outlivesPartition(copy, clock.now()) ? copy : undefined
  }

  function partitioned(key: string): Arrival | undefined {
    const copy = copyOf(key)
    return copy && arrivalOf(copy, clock.now(), 'local')
  }

  function withoutStore({ key }: Request, purpose: Purpose, known: Entry | undefined): Acquired {
    const arrival = purpose === 'read' ? partitioned(key) : undefined
    if (arrival !== undefined) return { arrival }
    const fallback = known ?? copyOf(key)
    return { fallback: fallback && servesErrors(fallback, clock.now()) ? fallback : undefined }
  }

  /** Whether what the store has answers this purpose; if so it is kept here too. */
  function settle(key: string, examined: Examined | 'none', purpose: Purpose, since: number): Settled {
    const at = clock.now()
    if (typeof examined === 'string' || !servesErrors(examined, at)) return {}
    const phase = phaseOf(examined, at)
    const isFresh = phase === 'fresh' && !(purpose === 'early' && at >= examined.hotUntil)
    const arrival = isFresh || purpose === 'read' ? arrivalOf(examined, at, 'remote') : undefined
    if (arrival === undefined) return { fallback: examined }
    keepLocally(engine, key, examined, since)
    return { arrival }
  }

  async function acquire(request: Request, purpose: Purpose, flight: Flight): Promise<Acquired> {
    const { key, policy } = request
    const allowance = (flight.allowance ??= allow())
    const owner = newOwner()
    const patience = clock.now() + policy.hardTimeout
    let mode = MODES[purpose]
    let fallback: Entry | undefined
    let isNewer = false
    let rest: number | undefined

    // somebody who renews a lease for longer than any load may take does not hold us up
    while (clock.now() < patience) {
      if (mode !== 'take') {
        // whoever asks before the command is sent shares its answer
        await Promise.resolve()
        flight.phase = 'reading'
        const sent = now(allowance, engine.local !== undefined || flight.isJoined || purpose !== 'read')
        const examined = await ask(request, sent)
        if (examined === 'unavailable') return withoutStore(request, purpose, fallback)
        const settled = settle(key, examined, purpose, sent.since)
        if (settled.arrival !== undefined) return { arrival: settled.arrival }
        fallback = settled.fallback ?? fallbackFor(engine, key)
        // for whoever loses patience while another process loads
        flight.fallback = fallback
        // the store takes it for fresh, but it must not be used
        if (examined === 'void' || examined === 'newer') mode = 'early'
        isNewer = examined === 'newer'
      }

      const sent = now(allowance)
      // what is invalidated from here on is invalidated for this load
      flight.since = sent.since
      const grant = await open(request, { lifetime: policy.lifetime, allowance, owner, lease, mode })
      if (grant === undefined) return withoutStore(request, purpose, fallback)
      const { opened } = grant
      if ('fence' in opened) {
        return { permit: permitOf(request, { owner, isNewer, allowance }, grant, opened.fence), fallback }
      }
      const isFilled = opened.state === 'filled' && mode === 'load'
      if (!isFilled && opened.state !== 'held') throw new TypeError('the answer to `open` makes no sense')
      if (opened.state === 'filled') {
        const examined = await examine(request, opened.record, grant.ids, sent)
        const settled = settle(key, examined, purpose, sent.since)
        if (settled.arrival !== undefined) return { arrival: settled.arrival }
        mode = 'early'
        continue
      }
      // somebody else refreshes it, and nobody waits here
      if (fallback !== undefined && (purpose === 'refresh' || purpose === 'early')) {
        return { arrival: { entry: fallback, outcome: 'stale', store: 'remote', shared: true } }
      }
      stats.of(policy.name).waits++
      sinks.wait?.({ key, name: policy.name })
      flight.phase = 'open'
      // what is asked to no avail while somebody has the lease is part of that wait
      allowance.left = rest ??= allowance.left
      await commands.settled(key, Math.min(Math.max(opened.retryAfter || 0, SHORTEST_WAIT), lease))
    }
    return withoutStore(request, purpose, fallback)
  }

  return {
    acquire: (request, purpose, flight) =>
      orElse(
        'acquire',
        () => withoutStore(request, purpose, undefined),
        () => acquire(request, purpose, flight),
      ),
    allow,
    async take(lookup, lifetime) {
      const allowance = allow()
      const permit = await orElse(
        'take',
        () => undefined,
        async () => {
          const owner = newOwner()
          const grant = await open(lookup, { lifetime, allowance, owner, lease, mode: 'take' })
          return grant && 'fence' in grant.opened
            ? permitOf(lookup, { owner, isNewer: false, allowance }, grant, grant.opened.fence)
            : undefined
        },
      )
      return { permit, allowance }
    },
    read: (lookup, allowance = allow()) =>
      orElse(
        'read',
        () => partitioned(lookup.key),
        async () => {
          const sent = now(allowance, engine.local !== undefined)
          const examined = await ask(lookup, sent)
          return examined === 'unavailable'
            ? partitioned(lookup.key)
            : settle(lookup.key, examined, 'read', sent.since).arrival
        },
      ),
    inspect: (lookup) =>
      orElse(
        'inspect',
        () => undefined,
        async () => {
          const examined = await ask(lookup, now(allow()))
          return typeof examined === 'string' ? undefined : examined
        },
      ),
    touch(key, { lifetime, tags }) {
      const keep = retention(lifetime)
      background.run(commands.call('capture', tags, () => store.capture({ tags, keep })))
      background.run(commands.call('touch', [key], () => store.touch({ key, ttl: lifetime.ttl, keep })))
    },
    async apply(command, names, options) {
      const outcome = await commands.apply(command, names, options?.allowance)
      if (outcome === 'done' || options?.require !== 'remote') return outcome
      const why = `${store.label} could not be told; the invalidation holds in this process and is queued`
      throw new ShelflifeError('remote-unreachable', `${command} with require 'remote': ${why}`)
    },
    health() {
      const { state, ...health } = commands.health()
      const bus = engine.local && store.bus ? coherence.state() : 'none'
      return {
        kind: 'remote',
        label: store.label,
        state: state === 'up' && bus === 'behind' ? 'degraded' : state,
        bus,
        ...health,
      }
    },
    isTrusted: coherence.isTrusted,
    // only local copies may outlive an invalidation elsewhere, and only while the store is away
    isUncertain: (entry) => engine.local === undefined || !coherence.outlivesPartition(entry, clock.now()),
    close() {
      coherence.close()
      return commands.close()
    },
  }
}

/**
 * The client side of fences, leases and tag ids: what turns the commands of a `RemoteStore` into the promises of a
 * cache. A store carries it as its `protocol`.
 *
 * @example
 * export function exampleStore(client: ExampleClient) {
 *   return { kind: 'remote', protocol, label: 'example', … } satisfies RemoteStore
 * }
 */
export const protocol: Protocol = connect
