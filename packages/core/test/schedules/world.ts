import type { FakeClock, Turn } from '@shelflife/conformance'
import { createReferenceServer, fakeClock, scheduledStore } from '@shelflife/conformance'
import type { Cache, Cached, Clock, RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'

/** How the processes of one run are set up. */
export interface Setup {
  readonly local: boolean
  readonly bus: boolean
  readonly leases: boolean
  readonly lifetime: 'manual' | 'brief'
  /** How many loads fail: every nth, 0 for none. */
  readonly failing: number
  /** Milliseconds that the clocks of the processes are apart. */
  readonly skew: number
  /** How long a command may take. What takes longer is carried out all the same. Default: endless. */
  readonly budget?: { readonly read: number; readonly write: number }
}

/** One thing that an actor does; actors run side by side, the steps of one after each other. */
export type Step =
  | { readonly do: 'read'; readonly process: number; readonly key: number }
  | { readonly do: 'get'; readonly process: number; readonly key: number }
  | { readonly do: Invalidating; readonly process: number; readonly key: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'disconnect'; readonly process: number }
  | { readonly do: 'reconnect'; readonly process: number }
  | { readonly do: 'evict'; readonly what: Evicted; readonly which: number }

/** What a server that is short of memory may forget. */
type Evicted = 'tag ids' | 'fences' | 'log'

/** The server of a run, which all processes share. */
interface SharedServer {
  connect(options: ConnectOptions): Connected
  /** Forgets those of a kind whose place in it is a bit of `which`. */
  evict(what: Evicted, which: number): void
}

interface ConnectOptions {
  /** That of the process. */
  readonly clock: Clock
  readonly budget: { readonly read: number; readonly write: number }
}

/** The server as one process sees it, each request, reply and message waiting for its turn. */
export interface Connected {
  readonly store: RemoteStore
  /** Loses the messages of the bus until `reconnect`. */
  disconnect(): void
  reconnect(): void
}

export type StartServer<S extends Setup> = (input: {
  readonly setup: S
  readonly clock: FakeClock
  readonly turn: Turn
}) => SharedServer

type Invalidating = 'invalidate' | 'invalidate tag' | 'invalidate tag above' | 'invalidate late tag' | 'clear' | 'set'

/** What a load or a `set` stored. */
interface Value {
  readonly key: number
  readonly id: number
  /** Values that were set do not have the tag that is only known after a load. */
  readonly isLoaded: boolean
}

/** From here on a value that began before `floor` is wrong. */
interface Floor {
  readonly key: number
  readonly floor: number
  readonly process: number
  readonly resolvedAt: number
  readonly everywhere: boolean
  readonly onlyLoaded: boolean
}

interface Process {
  readonly cache: Cache
  readonly read: Cached<[key: number], Value>
  readonly disconnect: () => void
  readonly reconnect: () => void
}

const MAX_DRIFT = 1000
const PARTITION_TTL = 2000
const ENDLESS = { read: Infinity, write: Infinity }
const KEYS = [0, 1]
const MOST_ROUNDS = 2000

const processes = fc.nat({ max: 1 })
const keys = fc.constantFrom(...KEYS)

const reads = fc.record({
  do: fc.constantFrom('read' as const, 'read' as const, 'get' as const),
  process: processes,
  key: keys,
})
const invalidationsOf = (key: fc.Arbitrary<number>, process = processes): fc.Arbitrary<Step> =>
  fc.record({
    do: fc.constantFrom<Invalidating>(
      'invalidate',
      'invalidate tag',
      'invalidate tag above',
      'invalidate late tag',
      'clear',
      'set',
    ),
    process,
    key,
  })
const advances = fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 60, 300, 1100) })
const ALL = -1
const evictions = fc.constant<Step>({ do: 'evict', what: 'tag ids', which: ALL })
export const losses: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('disconnect' as const), process: processes }),
  fc.record({ do: fc.constant('reconnect' as const), process: processes }),
)
/** What loses the message of an invalidation, or parts of it: an ordered pick of these steps. */
export const lossyActors: fc.Arbitrary<Step[][]> = fc
  .tuple(processes, invalidationsOf(fc.constant(0)))
  .chain(([process, invalidation]) =>
    fc.subarray<Step>(
      [
        { do: 'read', process, key: 0 },
        { do: 'disconnect', process },
        { ...invalidation, process: 1 - process } as Step,
        { do: 'reconnect', process },
        { do: 'advance', ms: 1100 },
        { do: 'read', process, key: 0 },
      ],
      { minLength: 4 },
    ),
  )
  .map((actor) => [actor])
export const steps: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: reads, weight: 6 },
  { arbitrary: invalidationsOf(keys), weight: 3 },
  { arbitrary: advances, weight: 1 },
  { arbitrary: evictions, weight: 1 },
)
const anyActors = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step[][]> =>
  fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 4 })

/** Some read a key while others invalidate it, mostly elsewhere, and read what is left: few steps that meet often. */
const collisions = ((): fc.Arbitrary<Step[][]> => {
  const key = fc.constant(0)
  const read = fc.record({ do: fc.constant('read' as const), process: fc.constantFrom(0, 0, 0, 1), key })
  const invalidation = invalidationsOf(key, fc.constantFrom(1, 1, 0))
  const readers = fc.array(fc.array(read, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 })
  const invalidators = fc.array(fc.tuple(invalidation, read), { minLength: 1, maxLength: 2 })
  return fc.tuple(readers, invalidators).map((actors) => actors.flat())
})()

/** A third of them do anything that `step` is, the others collide, with some of `others` beside. */
export const actorsOf = (
  step: fc.Arbitrary<Step>,
  others: fc.Arbitrary<Step[][]> = fc.constant([]),
): fc.Arbitrary<Step[][]> =>
  fc.oneof(
    { arbitrary: anyActors(step), weight: 1 },
    { arbitrary: fc.tuple(collisions, others).map((actors) => actors.flat()), weight: 2 },
  )

export const setups: fc.Arbitrary<Setup> = fc.record({
  local: fc.constantFrom(false, false, true),
  bus: fc.boolean(),
  leases: fc.boolean(),
  lifetime: fc.constantFrom('manual' as const, 'brief' as const),
  failing: fc.constantFrom(0, 0, 3),
  skew: fc.constantFrom(0, 5000, -3000),
})

const LIFETIMES = {
  manual: { tier: 'manual' },
  brief: { ttl: '200ms', staleWhileRevalidate: '400ms', staleIfError: '2s', jitter: 0, earlyRefresh: 0.2 },
} as const

export interface Report {
  readonly violations: readonly string[]
  readonly loads: number
  readonly timersLeft: number
}

const startReference: StartServer<Setup> = ({ setup: { bus, leases }, clock, turn }) => {
  const server = createReferenceServer({ clock })
  const deliver = (run: () => void): void => void turn('bus').then(run)
  return {
    connect(options) {
      const connected = server.connect({ ...options, bus, leases, deliver })
      return {
        store: scheduledStore(connected, turn),
        disconnect: () => connected.disconnectBus(),
        reconnect: () => connected.reconnectBus(),
      }
    },
    evict: (what) => ({ 'tag ids': server.tags, fences: server.fences, log: new Map() })[what].clear(),
  }
}

/** Runs the actors against two processes on one remote store, in an order of the scheduler's choice. */
export const runWorld = (scheduler: fc.Scheduler, setup: Setup, actors: readonly Step[][]): Promise<Report> =>
  runWorldOn(startReference)(scheduler, setup, actors)

/** The same with another server. */
export const runWorldOn =
  <S extends Setup>(start: StartServer<S>) =>
  (scheduler: fc.Scheduler, setup: S, actors: readonly Step[][]): Promise<Report> => {
    const clock = fakeClock(10_000)
    const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
    return run({ scheduler, setup, actors, clock, turn, server: start({ setup, clock, turn }) })
  }

interface Run {
  readonly scheduler: fc.Scheduler
  readonly setup: Setup
  readonly actors: readonly Step[][]
  readonly clock: FakeClock
  readonly turn: Turn
  readonly server: SharedServer
}

async function run({ scheduler, setup, actors, clock, turn, server }: Run): Promise<Report> {
  const floors: Floor[] = []
  const violations: string[] = []
  /** How long a process may not know what another one has invalidated. */
  const grace = setup.budget === undefined ? (setup.local ? MAX_DRIFT : 0) : PARTITION_TTL
  /** When the value with this id began, in the order of all events; a `set` takes effect at the latest when it ends. */
  const began = new Map<number, number>()
  let order = 0
  let loads = 0

  function startProcess(skew: number): Process {
    const ownClock = { now: () => clock.now() + skew, after: clock.after }
    const connected = server.connect({ clock: ownClock, budget: setup.budget ?? ENDLESS })
    const remote = connected.store
    const cache = createCache({
      namespace: 'world',
      store: setup.local ? [memoryStore({ clock: ownClock }), remote] : remote,
      clock: ownClock,
      maxDrift: MAX_DRIFT,
      partitionTtl: PARTITION_TTL,
      hardTimeout: '1d',
    })
    cache.on('gap', ({ lostWrites }) => {
      if (lostWrites) violations.push('forgotten writes were told of where none were')
    })
    const read = cache.cached(
      async (context, id: number): Promise<Value> => {
        const value = ++order
        began.set(value, value)
        const isFailing = setup.failing > 0 && ++loads % setup.failing === 0
        await turn('load')
        if (isFailing) throw new Error('source is down')
        context.tag('late/tag')
        return { key: id, id: value, isLoaded: true }
      },
      { name: 'value', context: true, tags: (id) => [`group/${id}`], ...LIFETIMES[setup.lifetime] },
    )
    return { cache, read, disconnect: connected.disconnect, reconnect: connected.reconnect }
  }

  const all = [startProcess(0), startProcess(setup.skew)]

  function floorFor(process: number, id: number, isLoaded: boolean): number {
    const known = floors.filter((one) => {
      if (one.key !== id || (one.onlyLoaded && !isLoaded)) return false
      if (one.process === process) return true
      return one.everywhere && clock.now() >= one.resolvedAt + grace
    })
    return Math.max(0, ...known.map(({ floor }) => floor))
  }

  async function read({ process, key: id, ...step }: Extract<Step, { do: 'read' | 'get' }>): Promise<void> {
    const floor = { loaded: floorFor(process, id, true), set: floorFor(process, id, false) }
    const { read: call } = all[process] as Process
    // a failing loader is the caller's to see
    const value = await (step.do === 'read' ? call(id) : call.peek(id)).catch(() => undefined)
    if (value === undefined) return
    if (value.key !== id) violations.push(`process ${process} read key ${value.key} instead of ${id}`)
    const allowed = value.isLoaded ? floor.loaded : floor.set
    const since = began.get(value.id) ?? Infinity
    if (since >= allowed) return
    violations.push(`process ${process} read what began at ${since} of key ${id}, invalidated at ${allowed}`)
  }

  async function invalidate({ process, key: id, ...step }: Extract<Step, { do: Invalidating }>): Promise<void> {
    const { cache, read: call } = all[process] as Process
    const floor = ++order
    const commands = {
      invalidate: () => call.invalidate(id),
      set: () => call.set({ key: id, id: floor, isLoaded: false }, id),
      'invalidate tag': () => cache.invalidateTags([`group/${id}`]),
      'invalidate tag above': () => cache.invalidateTags(['group']),
      'invalidate late tag': () => cache.invalidateTags(['late/tag']),
      clear: () => cache.clear(),
    }
    const { remote } = await commands[step.do]()
    if (step.do === 'set') began.set(floor, ++order)
    const onlyLoaded = step.do === 'invalidate late tag'
    const isOne = step.do === 'invalidate' || step.do === 'set' || step.do === 'invalidate tag'
    for (const one of isOne ? [id] : KEYS) {
      floors.push({ key: one, floor, process, resolvedAt: clock.now(), everywhere: remote === 'done', onlyLoaded })
    }
  }

  async function act(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await turn(step.do)
      if (step.do === 'read' || step.do === 'get') await read(step)
      else if (step.do === 'advance') clock.advance(step.ms)
      else if (step.do === 'disconnect') all[step.process]?.disconnect()
      else if (step.do === 'reconnect') all[step.process]?.reconnect()
      else if (step.do === 'evict') server.evict(step.what, step.which)
      else await invalidate(step)
    }
  }

  /** Lets time pass when nothing else can happen: somebody may be waiting for a lease to end. */
  async function until(work: Promise<unknown>): Promise<void> {
    let isDone = false
    const done = work.finally(() => {
      isDone = true
    })
    for (let round = 0; !isDone; round++) {
      if (round > MOST_ROUNDS) throw new Error('something never settles')
      await scheduler.waitIdle()
      await new Promise(setImmediate)
      if (!isDone && scheduler.count() === 0) clock.advance(100)
    }
    await done
  }

  await until(Promise.all(actors.map(act)))
  await until(Promise.all(all.map(({ cache }) => cache.close())))
  return { violations, loads, timersLeft: clock.pending() }
}
