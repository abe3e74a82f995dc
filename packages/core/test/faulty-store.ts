import type { FakeClock, ReferenceStore } from '@shelflife/conformance'

export const COMMANDS = [
  'read',
  'readTags',
  'open',
  'capture',
  'commit',
  'put',
  'renew',
  'release',
  'settled',
  'touch',
  'invalidate',
  'expire',
  'invalidateTags',
  'expireTags',
] as const

export type Command = (typeof COMMANDS)[number]

/** What happens instead of a command. */
export type Fault = (carryOut: () => Promise<unknown>) => unknown

export interface Faulty {
  readonly store: ReferenceStore
  /** Every command that the cache sent, in order, with its first argument. */
  readonly sent: { readonly command: Command; readonly about: unknown }[]
  /** From now on; without `commands` for all of them. */
  fail(fault: Fault, commands?: readonly Command[]): void
  heal(): void
}

/** Somebody who asks this often asks for ever. */
const MOST_COMMANDS = 2000

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const never = (): Promise<never> => new Promise(() => {})

export const faults = {
  rejects: () => Promise.reject(new Error('connection reset')),
  throws: () => {
    throw new TypeError('the client is not ready')
  },
  hangs: never,
} satisfies Record<string, Fault>

/** Carries commands out only after `ms`. */
export const executesLate =
  (clock: FakeClock, ms: number): Fault =>
  (carryOut) =>
    new Promise<void>((resolve) => void clock.after(ms, resolve)).then(carryOut)

/** Carries commands out at once and answers after `ms`. */
export const answersLate =
  (clock: FakeClock, ms: number): Fault =>
  async (carryOut) => {
    const answer = await carryOut()
    await new Promise<void>((resolve) => void clock.after(ms, resolve))
    return answer
  }

/** A store whose commands can be made to fail. */
export function faultyStore(store: ReferenceStore): Faulty {
  const sent: Faulty['sent'] = []
  const broken = new Map<Command, Fault>()
  const faulty: ReferenceStore = { ...store }
  for (const command of COMMANDS) {
    const carryOut = store[command] as (...args: readonly unknown[]) => Promise<unknown>
    const run = (...args: readonly unknown[]): unknown => {
      if (sent.push({ command, about: args[0] }) > MOST_COMMANDS) return never()
      const fault = broken.get(command)
      if (fault === undefined) return carryOut(...args)
      return fault(() => carryOut(...args))
    }
    Object.assign(faulty, { [command]: run })
  }
  return {
    store: faulty,
    sent,
    fail(fault, commands = COMMANDS) {
      for (const command of commands) broken.set(command, fault)
    },
    heal: () => broken.clear(),
  }
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn()
}

/** Lets time go on as in a process that is not busy: what is due in between happens in between. */
export async function pass(clock: FakeClock, ms: number): Promise<void> {
  const until = clock.now() + ms
  while (clock.now() < until) {
    clock.advance(Math.min(50, until - clock.now()))
    await settle()
  }
}

const STEP = 10
const LONGEST = 100_000

/** Waits for work while time goes on, and tells how much of it passed. */
export async function timed<T>(
  clock: FakeClock,
  work: Promise<T>,
): Promise<{ readonly value: T; readonly took: number }> {
  const from = clock.now()
  let isDone = false
  const end = (): void => {
    isDone = true
  }
  work.then(end, end)
  for (;;) {
    await settle()
    if (isDone) return { value: await work, took: clock.now() - from }
    if (clock.now() - from > LONGEST) throw new Error('this never ends')
    clock.advance(STEP)
  }
}

/** Collects what nobody handled in this file. */
export function watchRejections(): { readonly unhandled: readonly unknown[]; stop(): void } {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  return { unhandled, stop: () => void process.off('unhandledRejection', note) }
}
