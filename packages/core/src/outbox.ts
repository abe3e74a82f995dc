import type { Allowance } from './allowance.ts'
import type { Background } from './background.ts'
import type { Breaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { RemoteOutcome } from './events.ts'
import type { Quarantine } from './quarantine.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { RemoteStore } from './store.ts'
import { inOneTurn, inParts } from './turn.ts'

/** Tells a store what is invalidated: at once what can be told, and what could not be as soon as it answers again. */
export interface Outbox {
  /** Carries an invalidation out, or keeps it until the store answers again. */
  apply(command: InvalidatingCommand, names: readonly string[], allowance?: Allowance): Promise<RemoteOutcome>
  /** Tells everything that is owed, if something is. */
  replay(): void
  /** Tells what is owed once more, past the breaker, and nothing from then on. */
  close(): Promise<void>
}

export interface OutboxInput {
  readonly store: RemoteStore
  readonly quarantine: Quarantine
  readonly clock: Clock
  readonly background: Background
  readonly breaker: Pick<Breaker, 'allows'>
  /** The budget of one command, in milliseconds. */
  readonly budget: number
  /** Sends a command as soon as there is room for it, past the breaker; `undefined` where it is not answered. */
  enter(toSend: { readonly command: InvalidatingCommand; run(): Promise<true> }): Promise<true | undefined>
}

/** Names that one command carries. */
const MOST_NAMES = 1000
const REPLAY_PAUSE = 250

export function createOutbox({ store, quarantine, clock, background, breaker, budget, enter }: OutboxInput): Outbox {
  const tell = inOneTurn(post, () => MOST_NAMES)
  let replaying = false
  let isClosed = false
  let cancelReplay: (() => void) | undefined

  /** Past the breaker; what the store does not carry out is owed to it. */
  async function carryOut(command: InvalidatingCommand, names: readonly string[]): Promise<boolean> {
    let mark = 0
    async function run(): Promise<true> {
      mark = quarantine.mark()
      await store[command](names)
      return true
    }
    const isDone = (await enter({ command, run })) === true
    if (isDone) quarantine.paid(command, names, mark)
    else owe(command, names)
    return isDone
  }

  async function post(names: readonly string[], command: InvalidatingCommand): Promise<boolean> {
    if (!isClosed && breaker.allows()) return carryOut(command, names)
    owe(command, names)
    return false
  }

  function owe(command: InvalidatingCommand, names: readonly string[]): void {
    quarantine.add(command, names)
    replayLater()
  }

  function replayLater(): void {
    if (cancelReplay !== undefined || isClosed || quarantine.size === 0) return
    cancelReplay = clock.after(REPLAY_PAUSE, () => {
      cancelReplay = undefined
      if (breaker.allows()) replay()
      replayLater()
    })
  }

  /** Everything that is owed, together: invalidations commute. */
  async function tellAll(): Promise<void> {
    replaying = true
    const telling = [...quarantine.owed()].flatMap(([command, names]) =>
      inParts(names, MOST_NAMES).map((part) => carryOut(command, part)),
    )
    await Promise.all(telling)
    replaying = false
  }

  function replay(): void {
    if (!replaying && quarantine.size > 0) background.run(tellAll())
  }

  return {
    async apply(command, names, allowance) {
      const telling = Promise.all(inParts(names, MOST_NAMES).map((part) => tell(part, command)))
      const since = clock.now()
      const told = allowance === undefined ? await telling : await allowance.wait(telling)
      allowance?.spend(since, budget)
      // it goes on, but nobody will be told what becomes of it
      if (told === undefined) owe(command, names)
      return told?.every(({ answer }) => answer) ? 'done' : 'queued'
    },
    replay,
    close() {
      isClosed = true
      cancelReplay?.()
      return tellAll()
    },
  }
}
