/** Lets only so many commands be under way. The others wait in order, and nobody's time runs meanwhile. */
export interface Window {
  /** Whether there is room at once, and it is taken. */
  take(weight: number): boolean
  /** Calls `start` when there is room, at once if there is, or `drop` when what waits is dropped before. */
  enter(command: Waiting): void
  /** One of this weight that was started has ended. */
  leave(weight: number): void
  /** From now on so many times as much may be under way. */
  stretch(times: number): void
  /** Drops all that wait. */
  clear(): void
}

interface Waiting {
  readonly weight: number
  readonly start: () => void
  readonly drop: () => void
}

interface Host {
  readonly process?: { readonly release?: { readonly name?: string } }
  readonly navigator?: { readonly userAgent?: string }
  readonly setImmediate?: (run: () => void) => unknown
}
const { process, navigator, setImmediate } = globalThis as unknown as Host
/** Only where it is sure to be called: Workers may forget it with the request that asked for it. */
const nextTurn =
  process?.release?.name === 'node' && navigator?.userAgent !== 'Cloudflare-Workers' ? setImmediate : undefined

/**
 * `most`: what all that is under way may weigh, but for the last of it, unless it is stretched. After as much was let in the event loop has its
 * turn: answers that are quick would otherwise be all that it does until nothing waits any more.
 */
export function createWindow(most: number): Window {
  let underWay = 0
  let room = most
  let waiting: Waiting[] = []
  /** So many of them have left: to take one off the front of a list moves all others. */
  let gone = 0
  let letIn = 0
  let isPausing = false

  function take(weight: number): boolean {
    const isRoom = underWay < room && gone === waiting.length
    if (isRoom) underWay += weight
    return isRoom
  }

  function takeAll(): readonly Waiting[] {
    const all = waiting.slice(gone)
    waiting = []
    gone = 0
    return all
  }

  function goOn(): void {
    isPausing = false
    letIn = 0
    admit()
  }

  function admit(): void {
    while (underWay < room && !isPausing) {
      const next = waiting[gone]
      if (next === undefined) return void takeAll()
      gone++
      letIn += next.weight
      underWay += next.weight
      next.start()
      if (letIn < most || nextTurn === undefined) continue
      isPausing = true
      nextTurn(goOn)
    }
  }

  return {
    take,
    enter(command) {
      if (take(command.weight)) command.start()
      else waiting.push(command)
    },
    leave(weight) {
      underWay -= weight
      admit()
    },
    stretch(times) {
      room = most * times
    },
    clear() {
      for (const { drop } of takeAll()) drop()
    },
  }
}
