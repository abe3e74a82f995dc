import { advise } from './advice.ts'
import type { Allowance } from './allowance.ts'
import { createCoherence } from './coherence.ts'
import { createCommands } from './commands.ts'
import type { Engine } from './engine.ts'
import { applyLocally, arrivalOf, fallbackFor, findFor, keepLocally } from './engine.ts'
import type { Entry } from './entry.ts'
import { phaseOf, servesErrors } from './entry.ts'
import type { Arrival, Flight, Leave } from './flight.ts'
import { ShelflifeError } from './errors.ts'
import { jsonCodec } from './json-codec.ts'
import type { Lifetime } from './lifetime.ts'
import { retention } from './lifetime.ts'
import type { Policy } from './options.ts'
import { createPermits } from './permit.ts'
import type { Examined, Sent } from './records.ts'
import { createRecords } from './records.ts'
import { redacted } from './redact.ts'
import { resolveRemote } from './remote-policy.ts'
import type { Acquired, Committed, Put, PutInput, Purpose, Remote } from './remote.ts'
import type { Lookup, Request } from './request.ts'
import { secretKeys, shortKey } from './short-key.ts'
import type { LocalEntry, OpenRequest, Protocol, RemoteRead, RemoteStore } from './store.ts'
import { resolveStoreOptions } from './store-options.ts'
import { covers } from './tags.ts'
import { inOneTurn, inParts, soon } from './turn.ts'
import type { Watch } from './watches.ts'

export { inOneTurn, inParts, jsonCodec, resolveStoreOptions, secretKeys, soon }
export type { RemoteStoreOptions, RemoteStorePolicy } from './store-options.ts'
export type { InRound, NextTick } from './turn.ts'

interface ToOpen extends Omit<OpenRequest, 'key'> {
  readonly lifetime: Lifetime
  readonly allowance: Allowance
}

type Found = Examined | 'none'

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
  /** Copies of values that were set while the store could not be told. */
  const unstored = new WeakSet<LocalEntry>()
  const commands = createCommands({
    store,
    namespace: cache.namespace,
    clock,
    sinks,
    background,
    isClosing: () => engine.closed,
    recalled: (type, names) => applyLocally(engine, { type, names }),
    told(name, isAll) {
      if (isAll) return applyLocally(engine, { type: 'invalidateTags', names: [name] })
      const copy = engine.local?.peek(name)
      if (copy !== undefined && unstored.has(copy)) engine.local?.delete(name)
    },
  })
  const examine = createRecords(engine, { store, codec, commands })

  void advise(engine, store)

  const coherence = createCoherence(engine, { ...drift, bus: store.bus, forgotten: commands.clear })

  const { budget } = commands

  const now = (allowance: Allowance, isShared = true): Sent => ({
    since: invalidations.seq,
    at: clock.now(),
    isShared,
    allowance,
  })

  // ids of tags have to outlive the load and the entry
  const keepOf = (lifetime: Lifetime, { hardTimeout }: Policy): number => retention(lifetime) + hardTimeout

  function tellNonsense(command: string, error: unknown): void {
    sinks.storeError?.({ store: store.label, command, error: redacted(error) })
  }

  /** What becomes of work in which the store answers something that makes no sense. */
  const orElse = <T>(command: string, otherwise: () => T, work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      tellNonsense(command, error)
      return otherwise()
    })

  /** Tells the last one that waits for a lease of the flight after it. */
  const held = new Map<string, (later: Flight) => void>()
  const permitOf = createPermits(engine, { store, codec, commands, lease, keepOf, orElse })

  /** One command, or one for each node that has a part of the answer. */
  const readEntry = ({ key, tags }: Lookup, allowance: Allowance): Promise<RemoteRead | undefined> =>
    store.nodes === undefined
      ? commands.call({ command: 'read', key, names: [key, ...tags], run: () => store.read(key, tags), allowance })
      : readApart(key, tags, allowance)

  async function readApart(key: string, tags: readonly string[], allowance: Allowance) {
    const names = [key, ...tags]
    const [found, ids] = await Promise.all([
      commands.call({ command: 'read', key, names, run: () => store.read(key, []), allowance }),
      commands.call({ command: 'readTags', names: tags, run: () => store.readTags(tags), allowance }),
    ])
    return found && ids && { record: found.record, ids }
  }

  function ask(lookup: Lookup, { allowance }: Sent): Promise<RemoteRead | undefined> | undefined {
    return allowance.left <= 0 ? undefined : allowance.wait(readEntry(lookup, allowance), budget.read)
  }

  /** What an answer comes to, which is known at once where the codec knows it. */
  function judge(lookup: Lookup, answer: RemoteRead | undefined, sent: Sent): Found | Promise<Found> {
    if (answer === undefined) return 'unavailable'
    return answer.record === undefined ? 'none' : examine(lookup, answer.record, answer.ids, sent)
  }

  async function open({ key, tags, policy }: Lookup, { lifetime, allowance, ...request }: ToOpen) {
    const names = [key, ...tags]
    const keep = keepOf(lifetime, policy)
    if (allowance.left <= 0) return undefined
    const opening = Promise.all([
      commands.call({ command: 'open', key, names, run: () => store.open({ key, ...request }), allowance }),
      commands.call({ command: 'capture', names: tags, run: () => store.capture({ tags, keep }), allowance }),
    ])
    const [opened, captured] = (await allowance.wait(opening, budget.write)) ?? []
    if (opened && captured) return { opened, ...captured }
    if (request.lease === 0) return undefined
    // the lease may be ours all the same, or be so when the answer comes
    const release = { key, owner: request.owner, failed: false }
    const run = () => store.release(release)
    const give = { command: 'release', key, names: [key], run } as const
    background.run(opening.then(() => commands.call(give)))
    return undefined
  }

  /** The copy in this process, as long as it may be used without the remote store, which one late answer is no reason for. */
  function copyOf(lookup: Lookup): Entry | undefined {
    const copy = findFor(engine, lookup)
    return copy !== undefined && commands.isAway(lookup.key) && coherence.outlivesPartition(copy, clock.now())
      ? copy
      : undefined
  }

  function partitioned(lookup: Lookup): Arrival | undefined {
    const copy = copyOf(lookup)
    return copy && arrivalOf(copy, clock.now(), 'local')
  }

  function withoutStore(request: Request, purpose: Purpose, known: Entry | undefined): Acquired {
    const arrival = purpose === 'read' ? partitioned(request) : undefined
    if (arrival !== undefined) return { arrival }
    const fallback = known ?? copyOf(request)
    return { fallback: fallback && servesErrors(fallback, clock.now()) ? fallback : undefined }
  }

  /** Whether what the store has answers this purpose; if so it is kept here too. */
  function settle(watch: Watch, examined: Found, purpose: Purpose): Settled {
    const at = clock.now()
    if (typeof examined === 'string' || !servesErrors(examined, at)) return {}
    const phase = phaseOf(examined, at)
    const isFresh = phase === 'fresh' && !(purpose === 'early' && at >= examined.hotUntil)
    const arrival = isFresh || purpose === 'read' ? arrivalOf(examined, at, 'remote') : undefined
    if (arrival === undefined) return { fallback: examined }
    keepLocally(engine, watch, examined)
    return { arrival }
  }

  /** Waits until the lease on a key may have ended, or for the flight that takes the place of one that was fenced off. */
  function laterOrSettled({ key, tags }: Lookup, flight: Flight, ms: number): Promise<Flight | undefined> {
    const there = engine.flights.get(key)
    if (there !== undefined && there !== flight && covers(there.tags, tags)) return Promise.resolve(there)
    return new Promise((resolve) => {
      const tell = (later: Flight): void => {
        if (!covers(later.tags, tags)) return
        later.isJoined = true
        resolve(later)
      }
      held.set(key, tell)
      void commands.settled(key, ms).then(() => {
        if (held.get(key) === tell) held.delete(key)
        resolve(undefined)
      })
    })
  }

  /**
   * What a later flight brings is newer, so whoever waits for a lease may have it. Where reads and invalidations of one key come in
   * turn each would wait for all before it.
   */
  async function broughtBy(later: Flight): Promise<Arrival | undefined> {
    const arrival = await later.arrival
    return arrival.isOwn || arrival.shared === 'never' ? undefined : arrival
  }

  /** Whoever waits for a lease lets others ask meanwhile. */
  async function acquire(request: Request, purpose: Purpose, flight: Flight, admitted: Leave): Promise<Acquired> {
    const { key, policy } = request
    const { watch } = flight
    let leave = admitted
    const { allowance = commands.allow(key) } = flight
    let owner = ''
    const patience = clock.now() + policy.hardTimeout
    let mode = MODES[purpose]
    let fallback: Entry | undefined
    let isNewer = false
    let rest: number | undefined
    held.get(key)?.(flight)

    try {
      // somebody who renews a lease for longer than any load may take does not hold us up
      while (clock.now() < patience) {
        if (mode !== 'take') {
          flight.phase = 'reading'
          invalidations.renew(watch)
          const sent = now(allowance, engine.local !== undefined || flight.isJoined || purpose !== 'read')
          const judged = judge(request, await ask(request, sent), sent)
          const examined = judged instanceof Promise ? await judged : judged
          if (examined === 'unavailable') return withoutStore(request, purpose, fallback)
          const settled = settle(watch, examined, purpose)
          if (settled.arrival !== undefined)
            return sent.isShared ? settled : { arrival: { ...settled.arrival, isOwn: true } }
          fallback = settled.fallback ?? fallbackFor(engine, request)
          // for whoever loses patience while another process loads
          flight.fallback = fallback
          // the store takes it for fresh, but it must not be used
          if (examined === 'void' || examined === 'newer') mode = 'early'
          isNewer = examined === 'newer'
        }

        const sent = now(allowance)
        owner ||= newOwner()
        // what is invalidated from here on is invalidated for this load
        invalidations.renew(watch)
        const grant = await open(request, { lifetime: policy.lifetime, allowance, owner, lease, mode })
        if (grant === undefined) return withoutStore(request, purpose, fallback)
        const { opened } = grant
        if ('fence' in opened) {
          return {
            permit: permitOf(request, { owner, command: 'commit', isNewer, allowance }, grant, opened.fence),
            fallback,
          }
        }
        const isFilled = opened.state === 'filled' && mode === 'load'
        if (!isFilled && opened.state !== 'held') throw new TypeError('the answer to `open` makes no sense')
        if (opened.state === 'filled') {
          const examined = await examine(request, opened.record, grant.ids, sent)
          const settled = settle(watch, examined, purpose)
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
        leave()
        const patient = Math.min(Math.max(opened.retryAfter || 0, SHORTEST_WAIT), lease)
        const later = await laterOrSettled(request, flight, patient)
        const arrival = later && (await broughtBy(later))
        if (arrival !== undefined) return { arrival }
        leave = await commands.admit(key)
      }
      return withoutStore(request, purpose, fallback)
    } catch (error) {
      tellNonsense('acquire', error)
      return withoutStore(request, purpose, undefined)
    } finally {
      leave()
    }
  }

  async function tryPut(lookup: Lookup, input: PutInput, allowance: Allowance): Promise<Committed> {
    const owner = newOwner()
    const { lifetime } = input.loaded
    // nothing is stored under a key while the store is owed that it is void
    if (commands.distrusts([lookup.key])) await commands.apply('invalidate', [lookup.key], allowance)
    const grant = await open(lookup, { lifetime, allowance, owner, lease: 0, mode: 'early' })
    if (grant === undefined || !('fence' in grant.opened)) return 'unknown'
    const claim = { owner, command: 'put', isNewer: false, allowance } as const
    return permitOf(lookup, claim, grant, grant.opened.fence).commit({ ...input, isJoined: false })
  }

  const unreachable = (what: string): Error =>
    new ShelflifeError('remote-unreachable', `require 'remote': ${store.label} ${what}`)

  async function put(lookup: Lookup, input: PutInput | false): Promise<Put> {
    const { key, policy } = lookup
    const { name } = policy
    const allowance = commands.allow(key)
    const storing =
      input &&
      orElse<Committed>(
        'put',
        () => 'unknown',
        () => tryPut(lookup, input, allowance),
      )
    const committed = storing ? await storing : 'unsupported'
    if (committed === 'stored') return { isStored: true, isKept: true, told: 'done' }
    if (committed === 'refused') sinks.refuse?.({ key, name })
    if (committed === 'unknown') sinks.skip?.({ key, name, because: 'unstored' })
    // not answered, or not to be stored: the old value may still be there
    const told = await commands.apply('invalidate', [key], allowance)
    const isKept = told === 'queued' && committed !== 'unsupported'
    const isRefused = told === 'queued' && policy.require === 'remote'
    const here =
      engine.local && isKept ? '; until it answers this process alone serves it, and then the key is void' : ''
    const failure = isRefused ? unreachable(`has not stored the value${here}; set it again when it answers`) : undefined
    return { isStored: false, isKept, told, failure }
  }

  return {
    acquire,
    allow: commands.allow,
    admit: commands.admit,
    put,
    untilTold(key, entry) {
      // told meanwhile
      if (commands.distrusts([key])) unstored.add(entry)
      else engine.local?.delete(key)
    },
    read: (lookup, allowance = commands.allow(lookup.key)) =>
      orElse(
        'read',
        () => partitioned(lookup),
        async () => {
          const watch = invalidations.watch(lookup.key)
          try {
            const sent = now(allowance, engine.local !== undefined)
            const examined = await judge(lookup, await ask(lookup, sent), sent)
            return examined === 'unavailable' ? partitioned(lookup) : settle(watch, examined, 'read').arrival
          } finally {
            invalidations.end(watch)
          }
        },
      ),
    inspect: (lookup) =>
      orElse(
        'inspect',
        () => undefined,
        async () => {
          const sent = now(commands.allow(lookup.key))
          const examined = await judge(lookup, await ask(lookup, sent), sent)
          return typeof examined === 'string' ? undefined : examined
        },
      ),
    touch(key, { lifetime, tags }) {
      const keep = retention(lifetime)
      const touch = { key, ttl: lifetime.ttl, keep }
      const capture = (): Promise<unknown> => store.capture({ tags, keep })
      background.run(commands.call({ command: 'capture', names: tags, run: capture }))
      background.run(commands.call({ command: 'touch', key, names: [key], run: () => store.touch(touch) }))
    },
    async apply(command, names, options) {
      const outcome = await commands.apply(command, names, options?.allowance)
      if (outcome === 'done' || options?.require !== 'remote') return outcome
      throw unreachable('could not be told; it holds in this process, and the invalidation is queued')
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
