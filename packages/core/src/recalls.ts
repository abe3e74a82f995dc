import type { Clock } from './clock.ts'
import type { Node } from './node.ts'
import { createRecent } from './recent.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { RemoteStore } from './store.ts'

/** Has told once more what a node may have lost, and remembers what was. */
export interface Recalls {
  /** Whether there is anything that a node may lose. */
  mayCome(): boolean
  /** Notes what was carried out for keys of one node. */
  note(command: InvalidatingCommand, keys: readonly string[]): void
  /** Recalls what was told to a node that may have lost it, and what another node was told of a key that is read. */
  look(key?: string): void
  all(): void
  /** How many names were recalled until now. */
  count(): number
  /** Whether one of these was recalled since there had been so many: what was asked before may be old. */
  hadSince(names: readonly string[], count: number): boolean
}

export interface RecallsInput {
  readonly store: RemoteStore
  readonly namespace: string
  readonly clock: Clock
  nodeOf(key?: string): Node
  /** Is to tell it, and to believe nothing of it before. */
  recalled(command: InvalidatingCommand, names: readonly string[]): void
}

/** Longer than anything is under way. */
const LIFE = 30_000

export function createRecalls({ store, namespace, clock, nodeOf, recalled }: RecallsInput): Recalls {
  const { history, nodes } = store
  const recent = history && createRecent(clock, history)
  /** Which recall was the last of a name. */
  const last = new Map<string, number>()
  let count = 0
  let recalledAt = -Infinity

  function recall(command: InvalidatingCommand, names: readonly string[]): void {
    recalledAt = clock.now()
    for (const name of names) last.set(name, ++count)
    recalled(command, names)
  }

  const all = (): void => recall('invalidateTags', [namespace])

  return {
    mayCome: () => recent?.isEmpty() === false,
    note(command, keys) {
      const [key] = keys
      if (recent === undefined || history === undefined || key === undefined) return
      // who has answered may be another one than was to be told
      recent.told(command, keys, { node: nodeOf(key).name, history: history.of(key) })
    },
    look(key) {
      if (last.size > 0 && clock.now() - recalledAt >= LIFE) last.clear()
      if (recent === undefined || recent.isEmpty()) return
      const lost = recent.lost()
      if (lost?.all) all()
      for (const told of lost?.told ?? []) for (const [command, names] of told) recall(command, names)
      if (nodes === undefined || key === undefined) return
      const command = recent.toldElsewhere(key, nodeOf(key).name)
      if (command !== undefined) recall(command, [key])
    },
    all,
    count: () => count,
    hadSince: (names, before) => last.size > 0 && names.some((name) => (last.get(name) ?? 0) > before),
  }
}
