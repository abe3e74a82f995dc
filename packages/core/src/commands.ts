import type { Allowance } from './allowance.ts'
import type { Background } from './background.ts'
import { createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import { whenLate, withDeadline } from './deadline.ts'
import { ShelflifeError } from './errors.ts'
import type { RemoteOutcome, Sinks } from './events.ts'
import type { StoreHealth } from './health.ts'
import { createQuarantine } from './quarantine.ts'
import type { InvalidatingCommand } from './remote.ts'
import type { RemoteStore } from './store.ts'

/** Calls a store so that nothing throws, hangs, or is believed while an invalidation has not reached the store. */
export interface Commands {
  /** How long one command may take, in milliseconds. */
  readonly budget: { readonly read: number; readonly write: number }
  /** `undefined`: the store did not answer in time, or cannot be trusted on one of these names. */
  call<T>(command: keyof RemoteStore, names: readonly string[], run: () => Promise<T>): Promise<T | undefined>
  /** Carries an invalidation out, or keeps it until the store answers again or has the time. */
  apply(command: InvalidatingCommand, names: readonly string[], allowance?: Allowance): Promise<RemoteOutcome>
  /** Until the lease on a key may have ended, and no longer. */
  settled(key: string, ms: number): Promise<void>
  health(): Pick<StoreHealth, 'state' | 'breaker' | 'latency' | 'owed' | 'lastError'>
  /** Whether an invalidation of one of these names is still waiting. */
  distrusts(names: readonly string[]): boolean
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
const REPLAY_PAUSE = 500
const NOTHING = Promise.resolve(undefined)

/** Short, because some clients put the whole command into it. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : typeof error).slice(0, 120)

export function createCommands({ store, namespace, clock, sinks, background }: CommandsInput): Commands {
  const budget = store.budget ?? BUDGET
  const quarantine = createQuarantine(namespace, {
    overflowed: (names) => sinks.overflow?.({ store: store.label, names }),
  })
  /** What ends the waits for leases. */
  const waits = new Set<() => void>()
  const breaker = createBreaker(clock, {
    changed(state) {
      sinks.breaker?.({ store: store.label, state })
      if (state === 'closed') replaySoon()
      // who has the lease may never be heard of
      else for (const end of waits) end()
    },
    probe: () => background.run(send('readTags', () => store.readTags([namespace]), breaker.probed)),
  })
  let replaying = false
  let isClosed = false
  const underWay = new Set<Promise<unknown>>()
  let cancelReplay = (): void => {}
  let latency: number | undefined
  let lastError: { readonly command: string; readonly message: string; readonly at: number } | undefined

  const late = (command: string, ms: number): Error =>
    new ShelflifeError('store-timeout', `${store.label} did not answer \`${command}\` within ${ms} ms`)

  /** `command` past the breaker; `noted` hears whether it was answered, which counts if `names` can still be trusted. */
  async function send<T>(
    command: keyof RemoteStore,
    run: () => Promise<T>,
    noted: (isAnswered: boolean) => void,
    names?: readonly string[],
  ): Promise<T | undefined> {
    const ms = command === 'read' || command === 'readTags' ? budget.read : budget.write
    const sentAt = clock.now()
    let work: Promise<T> | undefined
    try {
      // an event loop that was blocked runs timers before it reads what has long been there
      const giveUp = (reject: (error: Error) => void): void => void clock.after(0, () => reject(late(command, ms)))
      work = whenLate(run(), ms, clock, (_, reject) => giveUp(reject))
      underWay.add(work)
      const answer = await work
      noted(true)
      const took = clock.now() - sentAt
      latency = latency === undefined ? took : latency + (took - latency) / 16
      // an invalidation may have failed while the command was under way
      return names !== undefined && quarantine.holds(names) ? undefined : answer
    } catch (error) {
      // a store that refuses writes can still be read, and a release is only a courtesy
      if (command !== 'release') noted(false)
      lastError = { command, message: textOf(error), at: clock.now() }
      sinks.storeError?.({ store: store.label, command, error })
      return undefined
    } finally {
      if (work !== undefined) underWay.delete(work)
    }
  }

  /** An invalidation itself, past the quarantine. */
  async function carryOut(command: InvalidatingCommand, names: readonly string[]): Promise<boolean | undefined> {
    if (isClosed || !breaker.allows()) return undefined
    const run = async (): Promise<true> => {
      await store[command](names)
      return true
    }
    return send(command, run, breaker.noted)
  }

  async function replay(): Promise<void> {
    replaying = true
    for (const owed of quarantine.owed()) {
      if ((await carryOut(owed.command, [owed.name])) === undefined) break
      quarantine.paid(owed)
    }
    replaying = false
    if (quarantine.size > 0 && !isClosed) cancelReplay = clock.after(REPLAY_PAUSE, () => background.run(replay()))
  }

  function replaySoon(): void {
    if (replaying || quarantine.size === 0) return
    cancelReplay()
    background.run(replay())
  }

  return {
    budget,
    call: (command, names, run) =>
      isClosed || quarantine.holds(names) || !breaker.allows() ? NOTHING : send(command, run, breaker.noted, names),
    async apply(command, names, allowance) {
      // nothing overtakes what waits already
      if (quarantine.size === 0 && (allowance === undefined || allowance.left > 0)) {
        const telling = carryOut(command, names)
        if (await (allowance?.wait(telling) ?? telling)) return 'done'
      }
      quarantine.add(command, names)
      replaySoon()
      return 'queued'
    },
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
    distrusts: (names) => quarantine.holds(names),
    async close() {
      cancelReplay()
      isClosed = true
      await Promise.allSettled(underWay)
      // whatever the breaker says
      const close = async (): Promise<void> => store.close()
      await withDeadline(close(), budget.write, clock, () => late('close', budget.write)).catch((error: unknown) =>
        sinks.storeError?.({ store: store.label, command: 'close', error }),
      )
    },
  }
}
