import type { Clock } from '@shelflife/core'
import { systemClock } from '@shelflife/core'

/** To be called with every command that is sent: for which name, to which node, and what comes of it. */
export interface Answers {
  watch(name: string, node: string, answer: Promise<unknown>): void
  stop(): void
}

/**
 * What to do about a node that owes answers and gives none, or whose connection fails: `name` is one of its names, `ms`
 * how long it has been silent. Called again while it stays so.
 */
export type Silent = (name: string, ms: number) => void

interface Owed {
  readonly name: string
  pending: number
  /** When it began to owe, or answered last. */
  since: number
  hasFailed: boolean
}

const LOOK_EVERY = 500
/** An event loop that was blocked runs timers before it reads what has long been there. */
const GRACE = 50

/** An error of the server begins with its code. */
export const isAnswer = (error: unknown): boolean => error instanceof Error && /^[A-Z]{2,} /.test(error.message)

/**
 * Notices what clients do not: that a node hangs while something is written to it (node-redis only looks at sockets
 * without traffic), and that its slots may be elsewhere by now.
 */
export function watchAnswers(silent: Silent, clock: Clock = systemClock): Answers {
  const owing = new Map<string, Owed>()
  let cancel: (() => void) | undefined
  let lookAt = 0

  function wait(): void {
    lookAt = clock.now() + LOOK_EVERY
    cancel = clock.after(LOOK_EVERY, look)
  }

  function look(): void {
    cancel = undefined
    const now = clock.now()
    const late = now - lookAt
    for (const [node, owed] of owing) {
      if (late > GRACE) owed.since += late
      const ms = now - owed.since
      if (owed.pending === 0) owing.delete(node)
      if (owed.hasFailed || ms >= LOOK_EVERY) silent(owed.name, ms)
      owed.hasFailed = false
    }
    if (owing.size > 0) wait()
  }

  function settle(node: string, owed: Owed, hasFailed: boolean): void {
    owed.pending--
    if (hasFailed) owed.hasFailed = true
    else owed.since = clock.now()
    if (owed.pending === 0 && !owed.hasFailed) owing.delete(node)
  }

  function owe(name: string, node: string): Owed {
    const owed = { name, pending: 0, since: clock.now(), hasFailed: false }
    owing.set(node, owed)
    if (cancel === undefined) wait()
    return owed
  }

  return {
    watch(name, node, answer) {
      const owed = owing.get(node) ?? owe(name, node)
      owed.pending++
      answer.then(
        () => settle(node, owed, false),
        (error: unknown) => settle(node, owed, !isAnswer(error)),
      )
    },
    stop() {
      cancel?.()
      owing.clear()
    },
  }
}
