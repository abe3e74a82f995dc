import type { Allowance } from './allowance.ts'
import type { Background } from './background.ts'
import type { Clock } from './clock.ts'
import type { RemoteOutcome } from './events.ts'
import type { Node } from './node.ts'
import type { Owed, Quarantine } from './quarantine.ts'
import type { Recalls } from './recalls.ts'
import { createRecalls } from './recalls.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { RemoteStore } from './store.ts'
import type { InRound } from './turn.ts'
import { inOneTurn, inParts } from './turn.ts'

/** Tells a store what is invalidated: at once what can be told, and what could not be as soon as it answers again. */
export interface Outbox {
  /** Carries an invalidation out, or keeps it until the store answers again. */
  apply(command: InvalidatingCommand, names: readonly string[], allowance?: Allowance): Promise<RemoteOutcome>
  /** Tells what is owed to the nodes that are asked. */
  replay(): void
  readonly recalls: Recalls
  /** Owes what makes the whole namespace void, and tells it. */
  clear(): void
  /** A value was put under a key: where that is lost, the one before is there again. */
  replaced(key: string): void
  /** Tells what is owed once more, past the breaker, and nothing from then on. */
  close(): Promise<void>
}

export interface OutboxInput {
  readonly store: RemoteStore
  readonly namespace: string
  readonly quarantine: Quarantine
  readonly clock: Clock
  readonly background: Background
  /** The budget of one command, in milliseconds. */
  readonly budget: number
  nodeOf(key?: string): Node
  /** Unless it is not there any more. */
  nodeNamed(name: string): Node | undefined
  /** Whether the cache waits for what is under way, and nothing new may begin. */
  isClosing(): boolean
  /** What is owed once more because a node may have lost it: copies of it in this process may be old, too. */
  recalled(command: InvalidatingCommand, names: readonly string[]): void
}

type Tell = (names: readonly string[], command: InvalidatingCommand) => InRound<boolean>

/** Names that one command carries. */
const MOST_NAMES = 1000
const REPLAY_PAUSE = 250
const CLOSING_PAUSE = 50
/** However long a command may take. */
const CLOSING_TIMES = 10

const OWED = Promise.resolve(false)

const areDone = async (telling: readonly Promise<boolean>[]): Promise<boolean> =>
  (await Promise.all(telling)).every(Boolean)

const isOfKeys = (command: InvalidatingCommand): command is 'invalidate' | 'expire' =>
  command === 'invalidate' || command === 'expire'

export function createOutbox({
  store,
  namespace,
  quarantine,
  clock,
  background,
  budget,
  nodeOf,
  nodeNamed,
  isClosing,
  recalled,
}: OutboxInput): Outbox {
  const { nodes } = store
  const recalls = createRecalls({ store, namespace, clock, nodeOf, recalled: oweAgain })
  /** What goes to a node within one turn goes together. */
  const tellers = new WeakMap<Node, Tell>()
  const underWay = new Set<Promise<boolean>>()
  /** Nodes that are being told what they are owed. */
  const replaying = new Set<Node>()
  let isClosed = false
  let cancelLook: (() => void) | undefined

  function tellerOf(node: Node): Tell {
    const tell =
      tellers.get(node) ??
      inOneTurn(
        (names, command) => post(node, command, names),
        () => MOST_NAMES,
      )
    tellers.set(node, tell)
    return tell
  }

  function byNode(
    command: InvalidatingCommand,
    names: readonly string[],
  ): Iterable<readonly [Node, readonly string[]]> {
    if (nodes === undefined || !isOfKeys(command)) return [[nodeOf(), names]]
    const groups = new Map<Node, string[]>()
    for (const name of names) {
      const node = nodeOf(name)
      const group = groups.get(node)
      if (group === undefined) groups.set(node, [name])
      else group.push(name)
    }
    return groups
  }

  /** Messages of one turn go together, whatever nodes the keys are on. */
  const tellBus = inOneTurn(
    async (names: readonly string[], type: InvalidatingCommand) => {
      const node = nodeOf()
      const run = async (): Promise<true> => {
        await nodes?.tell({ type, names })
        return true
      }
      return (isClosed || node.allows()) && (await node.enter({ command: type, run, carries: names.length })) === true
    },
    () => MOST_NAMES,
  )

  /** Past the breaker; what the node does not carry out is owed to it. */
  function carryOut(node: Node, command: InvalidatingCommand, names: readonly string[]): Promise<boolean> {
    const work = tryOut(node, command, names).finally(() => underWay.delete(work))
    underWay.add(work)
    return work
  }

  async function tryOut(node: Node, command: InvalidatingCommand, names: readonly string[]): Promise<boolean> {
    let mark = 0
    async function run(): Promise<true> {
      mark = quarantine.mark()
      if (nodes !== undefined && isOfKeys(command)) await nodes[command](names)
      else await store[command](names)
      return true
    }
    let isDone = (await node.enter({ command, run, carries: names.length })) === true
    // which another node does
    if (isDone && nodes !== undefined && isOfKeys(command)) isDone = await tellBus(names, command).answer
    if (isDone) paid(command, names, mark)
    else owe(node, command, names)
    return isDone
  }

  function paid(command: InvalidatingCommand, names: readonly string[], mark: number): void {
    quarantine.paid(command, names, mark)
    // a store knows by its messages whether it has lost what it was told of tags
    if (isOfKeys(command)) note(command, names)
  }

  function note(command: InvalidatingCommand, keys: readonly string[]): void {
    recalls.note(command, keys)
    lookLater()
  }

  function post(node: Node, command: InvalidatingCommand, names: readonly string[]): Promise<boolean> {
    if (!isClosed && node.allows()) return carryOut(node, command, names)
    owe(node, command, names)
    return OWED
  }

  function owe(node: Node, command: InvalidatingCommand, names: readonly string[]): void {
    quarantine.add(command, names, node.name)
    lookLater()
  }

  /** While something is owed, or may have been lost. */
  function lookLater(): void {
    if (cancelLook !== undefined || isClosed || (quarantine.size === 0 && !recalls.mayCome())) return
    cancelLook = clock.after(REPLAY_PAUSE, () => {
      cancelLook = undefined
      recalls.look()
      replay()
      lookLater()
    })
  }

  function oweAgain(command: InvalidatingCommand, names: readonly string[]): void {
    for (const [node, some] of byNode(command, names)) owe(node, command, some)
    recalled(command, names)
  }

  /** Everything that is owed to one node, together: invalidations commute. */
  async function tellAll(node: Node, owed: readonly Owed[]): Promise<void> {
    replaying.add(node)
    const telling = owed.flatMap(({ command, names }) =>
      inParts(names, MOST_NAMES).map((part) => carryOut(node, command, part)),
    )
    await Promise.all(telling)
    replaying.delete(node)
  }

  /** What is owed, by the node that is to be told now: the one that was to be told may be gone. */
  function owedByNode(): ReadonlyMap<Node, readonly Owed[]> {
    const all = new Map<Node, Owed[]>()
    for (const owed of quarantine.owed()) {
      const named = nodeNamed(owed.node)
      const groups = named === undefined ? byNode(owed.command, owed.names) : [[named, owed.names] as const]
      for (const [node, names] of groups) {
        const list = all.get(node) ?? []
        all.set(node, list)
        list.push({ ...owed, names })
      }
    }
    return all
  }

  function replay(): void {
    // `close` does, and would wait for the probes of a store that is away for ever
    if (isClosing() || quarantine.size === 0) return
    for (const [node, owed] of owedByNode()) {
      if (!replaying.has(node) && node.allows()) background.run(tellAll(node, owed))
    }
  }

  const tellOwed = (): Promise<unknown> => Promise.all([...owedByNode()].map(([node, owed]) => tellAll(node, owed)))

  return {
    async apply(command, names, allowance) {
      const groups: (readonly [Node, readonly string[]])[] = []
      for (const [node, all] of byNode(command, names)) {
        for (const part of inParts(all, MOST_NAMES)) groups.push([node, part])
      }
      const since = clock.now()
      const telling = groups.map(([node, part]) => tellerOf(node)(part, command).answer)
      const [one] = telling
      const all = telling.length === 1 && one !== undefined ? one : areDone(telling)
      const isDone = allowance === undefined ? await all : await allowance.wait(all)
      allowance?.spend(since, budget)
      // it goes on, but nobody will be told what becomes of it
      if (isDone === undefined) for (const [node, part] of groups) owe(node, command, part)
      return isDone === true ? 'done' : 'queued'
    },
    replay,
    recalls,
    clear() {
      recalls.all()
      replay()
    },
    replaced: (key) => note('invalidate', [key]),
    async close() {
      isClosed = true
      cancelLook?.()
      const until = clock.now() + budget
      await tellOwed()
      // a connection that is just coming is worth waiting for
      for (let left = CLOSING_TIMES; quarantine.size > 0 && left > 0 && clock.now() < until; left--) {
        await new Promise<void>((resolve) => void clock.after(CLOSING_PAUSE, resolve))
        await tellOwed()
      }
      await Promise.all(underWay)
    },
  }
}
