import type { InvalidatingCommand } from './remote.ts'

/** What the remote store still has to be told; until then its word on these names is not trusted in this process. */
export interface Quarantine {
  readonly size: number
  /** What is added from now on is not paid by what was sent until now. */
  mark(): number
  add(command: InvalidatingCommand, names: readonly string[]): void
  /** Whether one of the names waits, or everything does. */
  holds(names: readonly string[]): boolean
  /** Names that wait, by what the store has to be told of them, oldest first. */
  owed(): ReadonlyMap<InvalidatingCommand, readonly string[]>
  /** Strikes off what waited at `mark` and is carried out by this command on these names. */
  paid(command: InvalidatingCommand, names: readonly string[], mark: number): void
}

interface Owed {
  readonly command: InvalidatingCommand
  readonly at: number
}

/** Bytes of names. */
const MOST_BYTES = 8 * 2 ** 20
/** What V8 needs for a name beside its characters, with what is noted about it. */
const NAME = 120

const isHard = (command: InvalidatingCommand | undefined): boolean =>
  command === 'invalidate' || command === 'invalidateTags'

/**
 * Past `mostBytes` the whole namespace is owed instead, so that memory stays bounded and nothing is forgotten;
 * `overflowed` hears of it, once until everything is paid.
 */
export function createQuarantine(
  namespace: string,
  {
    mostBytes = MOST_BYTES,
    overflowed = () => {},
  }: { readonly mostBytes?: number; readonly overflowed?: (names: number) => void } = {},
): Quarantine {
  const waiting = new Map<string, Owed>()
  let bytes = 0
  let marks = 0
  let isOverflown = false

  const sizeOf = (name: string): number => NAME + 2 * name.length

  function addOne(command: InvalidatingCommand, name: string): void {
    const before = waiting.get(name)
    if (before === undefined) bytes += sizeOf(name)
    // what is to be gone need not be stale first
    waiting.set(name, { command: isHard(before?.command) && before ? before.command : command, at: marks })
  }

  function overflow(): void {
    overflowed(waiting.size)
    isOverflown = true
    waiting.clear()
    bytes = 0
    addOne('invalidateTags', namespace)
  }

  return {
    get size() {
      return waiting.size
    },
    mark: () => ++marks,
    add(command, names) {
      // what was sent of the namespace before does not cover what comes now
      if (isOverflown) return addOne('invalidateTags', namespace)
      for (const name of names) addOne(command, name)
      if (bytes > mostBytes) overflow()
    },
    holds: (names) => waiting.size > 0 && (waiting.has(namespace) || names.some((name) => waiting.has(name))),
    owed() {
      const lists = new Map<InvalidatingCommand, string[]>()
      for (const [name, { command }] of waiting) {
        const list = lists.get(command)
        if (list === undefined) lists.set(command, [name])
        else list.push(name)
      }
      return lists
    },
    paid(command, names, mark) {
      for (const name of names) {
        const owed = waiting.get(name)
        if (owed === undefined || owed.at >= mark || (isHard(owed.command) && !isHard(command))) continue
        waiting.delete(name)
        bytes -= sizeOf(name)
      }
      if (waiting.size === 0) isOverflown = false
    },
  }
}
