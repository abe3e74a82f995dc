import type { Clock } from './clock.ts'
import { bytesOfName, isHard } from './quarantine.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { StoreHistory } from './store.ts'

interface Teller {
  readonly node: string
  readonly history: string
}

/** Names by what a node was told of them. */
type Told = ReadonlyMap<InvalidatingCommand, readonly string[]>

/**
 * What a store has carried out lately. A server that another one replaces, or that starts anew, may have lost it: it has
 * answered before its replica, or its disk, had it.
 */
export interface Recent {
  /** Notes what a node has carried out. */
  told(command: InvalidatingCommand, names: readonly string[], by: Teller): void
  /** Takes out what is to be told once more because its node may have lost it. */
  lost(): readonly Told[]
  /** What another node than this one, which answers for it now, was told of a name. Takes the name out. */
  toldElsewhere(name: string, node: string): InvalidatingCommand | undefined
  isEmpty(): boolean
}

/** As many bytes of names as may be owed. */
const MOST_BYTES = 4 * 2 ** 20
/** Replicas that are further behind are not made masters, and a disk is written every second. */
const LIFE = 30_000

interface OfNode {
  readonly node: string
  readonly names: Map<string, InvalidatingCommand>
}
type ByHistory = Map<string, OfNode>

/** Names are kept for `LIFE` to twice as long, and no longer than there is room for them. */
export function createRecent(clock: Clock, { isLost }: Pick<StoreHistory, 'isLost'>): Recent {
  /** By history. The older ones go when the newer ones are full or old. */
  let newer: ByHistory = new Map()
  let older: ByHistory = new Map()
  let bytes = 0
  let since = -Infinity

  function turn(now: number): void {
    older = newer
    newer = new Map()
    bytes = 0
    since = now
  }

  function age(): void {
    const now = clock.now()
    if (now - since >= 2 * LIFE) older = newer = new Map()
    if (now - since >= LIFE || bytes > MOST_BYTES) turn(now)
  }

  function byCommand({ names }: OfNode): Told {
    const told = new Map<InvalidatingCommand, string[]>()
    for (const [name, command] of names) {
      const list = told.get(command)
      if (list === undefined) told.set(command, [name])
      else list.push(name)
    }
    return told
  }

  return {
    told(command, names, { node, history }) {
      age()
      const all: OfNode = newer.get(history) ?? { node, names: new Map() }
      newer.set(history, all)
      for (const name of names) {
        const before = all.names.get(name)
        if (before === undefined) bytes += bytesOfName(name)
        if (!isHard(before)) all.names.set(name, command)
      }
    },
    lost() {
      age()
      const found: Told[] = []
      for (const histories of [older, newer]) {
        for (const [history, all] of histories) {
          if (!isLost(history)) continue
          histories.delete(history)
          found.push(byCommand(all))
        }
      }
      return found
    },
    toldElsewhere(name, node) {
      let found: InvalidatingCommand | undefined
      for (const histories of [older, newer]) {
        for (const all of histories.values()) {
          if (all.node === node) continue
          found = all.names.get(name) ?? found
          all.names.delete(name)
        }
      }
      return found
    },
    isEmpty: () => newer.size === 0 && older.size === 0,
  }
}
