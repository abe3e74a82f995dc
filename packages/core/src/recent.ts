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

interface Lost {
  readonly told: readonly Told[]
  /** More than is remembered. */
  readonly all: boolean
}

/**
 * What a store has carried out lately. A server that another one replaces, or that starts anew, may have lost it: it has
 * answered before its replica, or its disk, had it.
 */
export interface Recent {
  /** Notes what a node has carried out. */
  told(command: InvalidatingCommand, names: readonly string[], by: Teller): void
  /** Takes out what is to be told once more because its node may have lost it; `undefined` for nothing. */
  lost(): Lost | undefined
  /** What another node than this one, which answers for it now, was told of a name. Takes the name out. */
  toldElsewhere(name: string, node: string): InvalidatingCommand | undefined
  isEmpty(): boolean
}

/** As many bytes of names as may be owed. */
const MOST_BYTES = 4 * 2 ** 20
/** Replicas that are further behind are not made masters, and a disk is written every second. */
const LIFE = 30_000

const NONE: readonly Told[] = []

interface OfNode {
  readonly node: string
  readonly names: Map<string, InvalidatingCommand>
}
type ByHistory = Map<string, OfNode>

/** Names are kept for `LIFE` to twice as long, while there is room for them. */
export function createRecent(clock: Clock, { isLost }: Pick<StoreHistory, 'isLost'>): Recent {
  /** By history. The older ones go when the newer ones are full or old. */
  let newer: ByHistory = new Map()
  let older: ByHistory = new Map()
  /** Nodes that were told more than there is room for, and when they were told the last of it. */
  const forgotten = new Map<string, number>()
  let bytes = 0
  let since = -Infinity

  function turn(now: number): void {
    if (now - since < LIFE) for (const history of older.keys()) forgotten.set(history, since)
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

  function lostOf(histories: ByHistory): readonly Told[] {
    // each command asks, and most of the time there is none
    let told = NONE
    for (const history of histories.keys()) {
      const ofNode = isLost(history) ? histories.get(history) : undefined
      if (ofNode === undefined) continue
      histories.delete(history)
      told = [...told, byCommand(ofNode)]
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
      let all = false
      for (const [history, at] of forgotten) {
        const isOver = clock.now() - at >= 2 * LIFE
        const isGone = !isOver && isLost(history)
        if (isOver || isGone) forgotten.delete(history)
        all ||= isGone
      }
      const [before, lately] = [lostOf(older), lostOf(newer)]
      return all || before !== NONE || lately !== NONE ? { told: [...before, ...lately], all } : undefined
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
    isEmpty: () => newer.size + older.size + forgotten.size === 0,
  }
}
