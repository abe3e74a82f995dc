import type { Allowance } from './allowance.ts'
import { createAllowance } from './allowance.ts'
import type { Background } from './background.ts'
import { createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { ShelflifeError } from './errors.ts'
import type { RemoteOutcome, Sinks } from './events.ts'
import type { StoreHealth } from './health.ts'
import { createOutbox } from './outbox.ts'
import { createPulse } from './pulse.ts'
import { createQuarantine } from './quarantine.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { RemoteStore } from './store.ts'
import { createWindow } from './window.ts'

interface ToSend<T> {
  readonly command: keyof RemoteStore
  readonly run: () => Promise<T>
  /** What the time that it takes is taken from. */
  readonly allowance?: Allowance | undefined
}

interface ToCall<T> extends ToSend<T> {
  /** Keys and tags of which nothing is believed while an invalidation of them waits. */
  readonly names: readonly string[]
}

/** Calls a store so that nothing throws, hangs, or is believed while an invalidation has not reached the store. */
export interface Commands {
  /** How long a store may be silent for one command, in milliseconds. */
  readonly budget: { readonly read: number; readonly write: number }
  /** What one call may wait for the store in all. */
  allow(): Allowance
  /** `undefined`: the store does not answer, or cannot be trusted on one of these names. */
  call<T>(toCall: ToCall<T>): Promise<T | undefined>
  /** Carries an invalidation out, or keeps it until the store answers again. */
  apply(command: InvalidatingCommand, names: readonly string[], allowance?: Allowance): Promise<RemoteOutcome>
  /** Until the lease on a key may have ended, and no longer. */
  settled(key: string, ms: number): Promise<void>
  health(): Pick<StoreHealth, 'state' | 'breaker' | 'latency' | 'owed' | 'lastError'>
  /** Whether an invalidation of one of these names is still waiting. */
  distrusts(names: readonly string[]): boolean
  /** Whether nothing has been heard of the store for longer than any command may take. */
  isAway(): boolean
  /** Tells the store what it is owed, if it answers. */
  close(): Promise<void>
}

export interface CommandsInput {
  readonly store: RemoteStore
  readonly namespace: string
  readonly clock: Clock
  readonly sinks: Sinks
  readonly background: Background
}

const BUDGET = { read: 100, write: 500 }
/** More only wait for each other, in the client, the network or the store, and their answers come all in one turn. */
const MOST_UNDER_WAY = 1000
/** Reads go together; everything else is a command of its own, with more to do before and after it. */
const [WEIGHT_OF_READ, WEIGHT] = [2, 5]
/** So many budgets may a command take that waits among many for a store that answers. */
const PATIENCE = 10

/** Short, because some clients put the whole command into it. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : typeof error).slice(0, 120)

const isRead = (command: keyof RemoteStore): boolean => command === 'read' || command === 'readTags'

/** Of a store that throws or answers at once, too. */
function asPromise<T>(run: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(run())
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

export function createCommands({ store, namespace, clock, sinks, background }: CommandsInput): Commands {
  const budget = store.budget ?? BUDGET
  const quarantine = createQuarantine(namespace, {
    overflowed: (names) => sinks.overflow?.({ store: store.label, names }),
  })
  // a read may have the longer one
  const longest = Math.max(budget.read, budget.write)
  const pulse = createPulse(clock)
  const window = createWindow(MOST_UNDER_WAY)
  /** What ends the waits for leases. */
  const waits = new Set<() => void>()
  const breaker = createBreaker(clock, {
    changed(state) {
      sinks.breaker?.({ store: store.label, state })
      if (state === 'closed') return outbox.replay()
      window.clear()
      // who has the lease may never be heard of
      for (const end of waits) end()
    },
    probe() {
      const probe = { command: 'readTags', run: () => store.readTags([namespace]) } as const
      background.run(new Promise((resolve) => send(probe, breaker.probed, resolve)))
    },
  })
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false
  let latency: number | undefined
  let lastError: { readonly command: string; readonly message: string; readonly at: number } | undefined

  const late = (command: string, ms: number): Error =>
    new ShelflifeError('store-timeout', `${store.label} did not answer \`${command}\` within ${ms} ms`)

  function failed(command: string, error: unknown): void {
    lastError = { command, message: textOf(error), at: clock.now() }
    sinks.storeError?.({ store: store.label, command, error })
  }

  /** Sends a command, past the breaker; `noted` hears whether it was answered in time. */
  function send<T>(
    { command, run, allowance }: ToSend<T>,
    noted: (isAnswered: boolean) => void,
    resolve: (answer: T | undefined) => void,
  ): void {
    const alone = isRead(command) ? budget.read : budget.write
    let isOver = false

    function fail(error: unknown): void {
      isOver = true
      const waited = wait.end()
      allowance?.spend(wait.since, waited)
      // a store that refuses writes can still be read, and a release is only a courtesy
      if (command !== 'release') noted(false)
      failed(command, error)
      resolve(undefined)
    }

    function succeed(answer: T): void {
      const waited = wait.end()
      pulse.answered()
      // it was given up: who asks next finds out whether the store is back
      if (isOver) return breaker.heard()
      allowance?.spend(wait.since, waited)
      noted(true)
      const passed = clock.now() - wait.since
      latency = latency === undefined ? passed : latency + (passed - latency) / 16
      resolve(answer)
    }

    const patience = { alone, inCrowd: longest, inAll: PATIENCE * longest }
    const wait = pulse.wait(patience, () => fail(late(command, alone)))
    asPromise(run).then(succeed, (error: unknown) => {
      if (!isOver) fail(error)
    })
  }

  /** A command as soon as there is room for it, past the breaker. */
  function enter<T>(toSend: ToSend<T>): Promise<T | undefined> {
    const weight = isRead(toSend.command) ? WEIGHT_OF_READ : WEIGHT
    const work = new Promise<T | undefined>((resolve) => {
      function end(answer: T | undefined): void {
        underWay.delete(work)
        resolve(answer)
      }
      function start(): void {
        send(toSend, breaker.noted, (answer) => {
          end(answer)
          window.leave(weight)
        })
      }
      window.enter({ weight, start, drop: () => end(undefined) })
    })
    underWay.add(work)
    return work
  }

  const outbox = createOutbox({ store, quarantine, clock, background, breaker, budget: budget.write, enter })

  return {
    budget,
    allow: () => createAllowance(clock, pulse, longest),
    async call(toCall) {
      const { names } = toCall
      if (isClosed || quarantine.holds(names) || !breaker.allows()) return undefined
      const answer = await enter(toCall)
      // an invalidation may have failed while the command was under way
      return quarantine.holds(names) ? undefined : answer
    },
    apply: outbox.apply,
    settled(key, ms) {
      return new Promise((resolve) => {
        const cancel = clock.after(ms, end)
        function end(): void {
          cancel()
          waits.delete(end)
          resolve()
        }
        waits.add(end)
        const settled = async (): Promise<void> => store.settled(key, ms)
        // if it fails the timer has to do
        settled().then(end, () => {})
      })
    },
    health() {
      const owed = quarantine.size
      return {
        state: breaker.isOpen() ? 'down' : owed > 0 ? 'degraded' : 'up',
        breaker: breaker.isOpen() ? 'open' : 'closed',
        latency,
        owed,
        lastError: lastError && {
          command: lastError.command,
          message: lastError.message,
          ago: clock.now() - lastError.at,
        },
      }
    },
    distrusts: quarantine.holds,
    isAway: breaker.isAway,
    async close() {
      isClosed = true
      await outbox.close()
      window.clear()
      await Promise.all(underWay)
      const owed = quarantine.size
      if (owed > 0) sinks.untold?.({ store: store.label, names: owed })
      const close = async (): Promise<void> => store.close()
      await withDeadline(close(), budget.write, clock, () => late('close', budget.write)).catch((error: unknown) =>
        failed('close', error),
      )
    },
  }
}
