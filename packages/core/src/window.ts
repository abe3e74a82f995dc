/** Lets only so many commands be under way. The others wait in order, and nobody's time runs meanwhile. */
export interface Window {
  /** Calls `start` when there is room, at once if there is, or `drop` when what waits is dropped before. */
  enter(command: Waiting): void
  /** One of this weight that was started has ended. */
  leave(weight: number): void
  /** Drops all that wait. */
  clear(): void
}

export interface Waiting {
  readonly weight: number
  readonly start: () => void
  readonly drop: () => void
}

/** `most`: what all that is under way may weigh, but for the last of it. */
export function createWindow(most: number): Window {
  let underWay = 0
  let waiting: Waiting[] = []
  /** So many of them have left: to take one off the front of a list moves all others. */
  let gone = 0

  function start(command: Waiting): void {
    underWay += command.weight
    command.start()
  }

  function takeAll(): readonly Waiting[] {
    const all = waiting.slice(gone)
    waiting = []
    gone = 0
    return all
  }

  return {
    enter(command) {
      if (underWay < most) start(command)
      else waiting.push(command)
    },
    leave(weight) {
      underWay -= weight
      while (underWay < most) {
        const next = waiting[gone]
        if (next === undefined) return void takeAll()
        gone++
        start(next)
      }
    },
    clear() {
      for (const { drop } of takeAll()) drop()
    },
  }
}
