import type { InvalidatingCommand } from './remote.ts'

/** An invalidation that the remote store has not carried out. */
interface Owed {
  readonly command: InvalidatingCommand
  readonly name: string
}

/** What the remote store still has to be told; until then its word on these names is not trusted in this process. */
export interface Quarantine {
  readonly size: number
  add(command: InvalidatingCommand, names: readonly string[]): void
  /** Whether one of the names waits, or everything does. */
  holds(names: readonly string[]): boolean
  /** What waits, oldest first. */
  owed(): readonly Owed[]
  /** Strikes off what was carried out. */
  paid(owed: Owed): void
}

const MOST = 1000

/**
 * Past `most` names the whole namespace is owed instead, so that memory stays bounded and nothing is forgotten;
 * `overflowed` hears of it.
 */
export function createQuarantine(
  namespace: string,
  {
    most = MOST,
    overflowed = () => {},
  }: { readonly most?: number; readonly overflowed?: (names: number) => void } = {},
): Quarantine {
  const waiting = new Map<string, Owed>()

  function replaced(command: InvalidatingCommand, name: string): InvalidatingCommand {
    // what is to be gone need not be stale first
    const before = waiting.get(name)?.command
    return before === 'invalidate' || before === 'invalidateTags' ? before : command
  }

  return {
    get size() {
      return waiting.size
    },
    add(command, names) {
      for (const name of names) waiting.set(name, { command: replaced(command, name), name })
      if (waiting.size <= most) return
      overflowed(waiting.size)
      waiting.clear()
      waiting.set(namespace, { command: 'invalidateTags', name: namespace })
    },
    holds: (names) => waiting.size > 0 && (waiting.has(namespace) || names.some((name) => waiting.has(name))),
    owed: () => [...waiting.values()],
    paid(owed) {
      if (waiting.get(owed.name) === owed) waiting.delete(owed.name)
    },
  }
}
