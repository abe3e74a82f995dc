import type { InvalidatingCommand } from './remote.ts'

/** What the remote store still has to be told; until then its word on these names is not trusted in this process. */
export interface Quarantine {
  readonly size: number
  /** What is added from now on is not paid by what was sent until now. */
  mark(): number
  /** `node`: the one to be told. */
  add(command: InvalidatingCommand, names: readonly string[], node: string): void
  /** Whether one of the names waits, or everything does. */
  holds(names: readonly string[]): boolean
  /** Names that wait, oldest first, by the node that is to be told and by what. */
  owed(): readonly Owed[]
  /** Strikes off what waited at `mark` and is carried out by this command on these names. */
  paid(command: InvalidatingCommand, names: readonly string[], mark: number): void
}

export interface Owed {
  readonly command: InvalidatingCommand
  readonly node: string
  readonly names: readonly string[]
}

interface Waiting extends Omit<Owed, 'names'> {
  readonly at: number
}

/** Bytes of names. */
const MOST_BYTES = 8 * 2 ** 20
/** What V8 needs for a name beside its characters, with what is noted about it. */
const NAME = 120

export const bytesOfName = (name: string): number => NAME + 2 * name.length

/** Makes names gone, not only stale. */
export const isHard = (command: InvalidatingCommand | undefined): boolean =>
  command === 'invalidate' || command === 'invalidateTags'

/**
 * Past `mostBytes` the whole namespace is owed instead, so that memory stays bounded and nothing is forgotten;
 * `overflowed` hears of it, once until everything is paid. `nodeOfTags` is then the one to be told.
 * `struck` hears of each name that is owed no more, and whether it stands for all that there was no room for.
 */
export function createQuarantine(
  namespace: string,
  {
    mostBytes = MOST_BYTES,
    overflowed = () => {},
    nodeOfTags = () => '',
    struck = () => {},
  }: {
    readonly mostBytes?: number
    readonly overflowed?: (names: number) => void
    readonly nodeOfTags?: () => string
    readonly struck?: (name: string, isAll: boolean) => void
  } = {},
): Quarantine {
  const waiting = new Map<string, Waiting>()
  let bytes = 0
  let marks = 0
  let isOverflown = false

  function addOne(command: InvalidatingCommand, name: string, node: string): void {
    const before = waiting.get(name)
    if (before === undefined) bytes += bytesOfName(name)
    // what is to be gone need not be stale first
    waiting.set(name, { command: isHard(before?.command) && before ? before.command : command, node, at: marks })
  }

  const addNamespace = (): void => addOne('invalidateTags', namespace, nodeOfTags())

  function overflow(): void {
    overflowed(waiting.size)
    isOverflown = true
    waiting.clear()
    bytes = 0
    addNamespace()
  }

  return {
    get size() {
      return waiting.size
    },
    mark: () => ++marks,
    add(command, names, node) {
      // what was sent of the namespace before does not cover what comes now
      if (isOverflown) return addNamespace()
      for (const name of names) addOne(command, name, node)
      if (bytes > mostBytes) overflow()
    },
    holds: (names) => waiting.size > 0 && (waiting.has(namespace) || names.some((name) => waiting.has(name))),
    owed() {
      const lists = new Map<string, Owed & { readonly names: string[] }>()
      for (const [name, { command, node }] of waiting) {
        const list = `${command} ${node}`
        const owed = lists.get(list)
        if (owed === undefined) lists.set(list, { command, node, names: [name] })
        else owed.names.push(name)
      }
      return [...lists.values()]
    },
    paid(command, names, mark) {
      for (const name of names) {
        const owed = waiting.get(name)
        if (owed === undefined || owed.at >= mark || (isHard(owed.command) && !isHard(command))) continue
        waiting.delete(name)
        bytes -= bytesOfName(name)
        struck(name, isOverflown)
      }
      if (waiting.size === 0) isOverflown = false
    },
  }
}
