import type { Allowance } from './allowance.ts'
import { createAllowance } from './allowance.ts'
import type { Background } from './background.ts'
import type { Clock } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { ShelflifeError } from './errors.ts'
import type { RemoteOutcome, Sinks } from './events.ts'
import type { Leave } from './flight.ts'
import type { StoreHealth } from './health.ts'
import type { Node, ToSend } from './node.ts'
import { createNode } from './node.ts'
import { createOutbox } from './outbox.ts'
import { createQuarantine } from './quarantine.ts'
import { redacted } from './redact.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { RemoteStore } from './store.ts'

interface ToCall<T> extends ToSend<T> {
  /** The key whose node is asked; without one it is the node of the tags. */
  readonly key?: string
  /** Keys and tags of which nothing is believed while an invalidation of them waits. */
  readonly names: readonly string[]
}

/** Calls a store so that nothing throws, hangs, or is believed while an invalidation has not reached the store. */
export interface Commands {
  /** How long a store may be silent for one command, in milliseconds. */
  readonly budget: { readonly read: number; readonly write: number }
  /** What one call for a key may wait for the store in all. */
  allow(key: string): Allowance
  /** Whoever has several things to ask waits here first, and takes little memory meanwhile. */
  admit(key: string): Leave | Promise<Leave>
  /** `undefined`: the node does not answer, or cannot be trusted on one of these names. */
  call<T>(toCall: ToCall<T>): Promise<T | undefined>
  /** Carries an invalidation out, or keeps it until the store answers again. */
  apply(command: InvalidatingCommand, names: readonly string[], allowance?: Allowance): Promise<RemoteOutcome>
  /** Believes nothing that the store has of the namespace until it was cleared there. */
  clear(): void
  /** Until the lease on a key may have ended, and no longer. */
  settled(key: string, ms: number): Promise<void>
  health(): Pick<StoreHealth, 'state' | 'breaker' | 'nodes' | 'latency' | 'owed' | 'lastError'>
  /** Whether an invalidation of one of these names is still waiting. */
  distrusts(names: readonly string[]): boolean
  /** Whether nothing has been heard of what answers for a key for longer than any command may take. */
  isAway(key: string): boolean
  /** Tells the store what it is owed, if it answers. */
  close(): Promise<void>
}

export interface CommandsInput {
  readonly store: RemoteStore
  readonly namespace: string
  readonly clock: Clock
  readonly sinks: Sinks
  readonly background: Background
  /** Whether the cache waits for what is under way, and nothing new may begin. */
  isClosing(): boolean
  /** Makes copies in this process void, of which a server may have lost what it was told. */
  recalled(command: InvalidatingCommand, names: readonly string[]): void
  /** The store has been told what it was owed of a name, `isAll`: or of the whole namespace in the place of many. */
  told(name: string, isAll: boolean): void
}

const BUDGET = { read: 100, write: 500 }
const NO_ANSWER = Promise.resolve(undefined)
/** Of a store that is one node. */
const ALONE = ''

/** Short, because some clients put the whole command into it. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : typeof error).slice(0, 120)

export function createCommands({
  store,
  namespace,
  clock,
  sinks,
  background,
  isClosing,
  recalled,
  told,
}: CommandsInput): Commands {
  const { label, budget = BUDGET } = store
  const nodes = new Map<string, Node>()
  /** What ends the waits for leases, by the node that has them. */
  const waits = new Map<() => void, Node>()
  const quarantine = createQuarantine(namespace, {
    overflowed: (names) => sinks.overflow?.({ store: label, names }),
    nodeOfTags: () => nodeOf().name,
    struck: told,
  })
  const outbox = createOutbox({
    store,
    namespace,
    quarantine,
    clock,
    background,
    budget: budget.write,
    nodeOf,
    nodeNamed,
    isClosing,
    recalled,
  })
  let isClosed = false
  let lastError: { readonly command: string; readonly message: string; readonly at: number } | undefined

  function nodeOf(key?: string): Node {
    const name = store.nodes?.of(key) ?? ALONE
    return nodes.get(name) ?? add(name)
  }

  function nodeNamed(name: string): Node | undefined {
    const isThere = store.nodes === undefined || store.nodes.all().includes(name)
    return isThere ? nodes.get(name) : undefined
  }

  function add(name: string): Node {
    // one that has come may have taken the place of one that has gone
    for (const other of nodes.keys()) if (nodeNamed(other) === undefined) nodes.delete(other)
    const node = createNode({
      name,
      clock,
      background,
      label: name === ALONE ? label : `${label} (${name})`,
      budget,
      failed,
      isClosing,
      probe: () => store.nodes?.probe(name) ?? store.readTags([namespace]),
      changed(state) {
        sinks.breaker?.({ store: label, state, ...(name !== ALONE && { node: name }) })
        if (state === 'closed') return outbox.replay()
        // who has the lease may never be heard of
        for (const [end, from] of waits) if (from === node || node === nodeOf()) end()
      },
    })
    nodes.set(name, node)
    return node
  }

  function failed(command: string, given: unknown): void {
    const error = redacted(given)
    lastError = { command, message: textOf(error), at: clock.now() }
    sinks.storeError?.({ store: label, command, error })
  }

  function enter<T>(toCall: ToCall<T>): Promise<T | undefined> {
    const { command, key, names } = toCall
    outbox.recalls.look(key)
    const node = nodeOf(key)
    if (isClosed || quarantine.holds(names) || !node.allows()) return NO_ANSWER
    const before = outbox.recalls.count()
    return node.enter(toCall, () => {
      if (command === 'put' && key !== undefined) outbox.replaced(key)
      // who answered may not know what another one was told, and an invalidation may have failed meanwhile
      outbox.recalls.look(key)
      return !quarantine.holds(names) && !outbox.recalls.hadSince(names, before)
    })
  }

  const stopHearing = store.onAnswer?.((name) => nodes.get(name)?.pulse.answered())

  /** Those there are, the one of the tags first. */
  function present(): readonly [ofTags: Node, ...others: Node[]] {
    const ofTags = nodeOf()
    return [ofTags, ...[...nodes.values()].filter((node) => node !== ofTags && nodeNamed(node.name) === node)]
  }

  return {
    budget,
    admit: (key) => nodeOf(key).admit(),
    allow: (key) => createAllowance(clock, nodeOf(key).pulse, Math.max(budget.read, budget.write)),
    call(toCall) {
      try {
        return enter(toCall)
      } catch (error) {
        // a store that cannot say which node it is, or what has become of one
        failed(toCall.command, error)
        return NO_ANSWER
      }
    },
    apply: outbox.apply,
    clear: outbox.clear,
    settled(key, ms) {
      return new Promise((resolve) => {
        const cancel = clock.after(ms, end)
        function end(): void {
          cancel()
          waits.delete(end)
          resolve()
        }
        waits.set(end, nodeOf(key))
        const settled = async (): Promise<void> => store.settled(key, ms)
        // if it fails the timer has to do
        settled().then(end, () => {})
      })
    },
    health() {
      const owed = quarantine.size
      const [ofTags, ...others] = present()
      // nobody else may ask one that is down, or idle, whether it is there
      if (!isClosing()) for (const node of [ofTags, ...others]) node.look()
      const isWhole = owed === 0 && !others.some((node) => node.isFailing())
      return {
        state: ofTags.isFailing() ? 'down' : isWhole ? 'up' : 'degraded',
        breaker: ofTags.isOpen() ? 'open' : 'closed',
        ...(store.nodes && { nodes: [ofTags, ...others].map((node) => node.health()) }),
        latency: ofTags.health().latency,
        owed,
        lastError: lastError && {
          command: lastError.command,
          message: lastError.message,
          ago: clock.now() - lastError.at,
        },
      }
    },
    distrusts: quarantine.holds,
    isAway: (key) => nodeOf().isAway() || nodeOf(key).isAway(),
    async close() {
      isClosed = true
      await outbox.close()
      await Promise.all([...nodes.values()].map((node) => node.close()))
      stopHearing?.()
      const owed = quarantine.size
      if (owed > 0) sinks.untold?.({ store: label, names: owed })
      const close = async (): Promise<void> => store.close()
      const late = (): Error =>
        new ShelflifeError('store-timeout', `${label} did not answer \`close\` within ${budget.write} ms`)
      await withDeadline(close(), budget.write, clock, late).catch((error: unknown) => failed('close', error))
    },
  }
}
