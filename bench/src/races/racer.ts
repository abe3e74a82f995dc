import type { Child } from '../children/start-child.ts'
import { startChild } from '../children/start-child.ts'
import type { Layout } from '../peers/peer.ts'
import { LABEL } from './label.ts'
import type { Source } from './source.ts'
import { LateError, within } from './within.ts'

/** How a process of a race opens its cache. */
export interface RacerOptions {
  readonly peer: string
  readonly layout: Layout
  readonly url: string
  readonly ttl: number | string
  readonly stale?: number
  readonly timeout?: number
  /** Whether all entries have the label `label`. */
  readonly isLabelled?: boolean
  readonly maxEntries?: number
  readonly argumentsAre?: 'text' | 'any'
  /** `ask`: loads are answered by the source of the race. `echo`: by the first argument itself. */
  readonly loader?: 'ask' | 'echo'
}

/** One process with an open cache. Each call rejects after ten seconds without an answer. */
export interface Racer {
  readonly child: Child
  read(...args: readonly unknown[]): Promise<unknown>
  set(value: unknown, ...args: readonly unknown[]): Promise<unknown>
  invalidate(...args: readonly unknown[]): Promise<unknown>
  invalidateLabel(): Promise<unknown>
  clear(): Promise<unknown>
  close(): Promise<unknown>
  /** One of the verbs of `race-child.ts` that only one race needs. */
  ask(verb: string, ...args: readonly unknown[]): Promise<unknown>
}

/** How long a call may take before the race goes on without it. */
const PATIENCE = 10_000
/** Starting a process is not what is raced. */
const BEGINNING = 60_000

/** Nobody's failure: the race did not take place. */
export class UnreadyError extends Error {
  override name = 'UnreadyError'
}

const PROGRAM = new URL('race-child.ts', import.meta.url)

export async function startRacer(options: RacerOptions, source: Source): Promise<Racer> {
  const child = await startChild(PROGRAM, {
    verbs: { load: (...args: readonly unknown[]) => source.load(args) },
    execArgv: ['--expose-gc'],
  })
  const ask = (verb: string, ...args: readonly unknown[]): Promise<unknown> =>
    within(PATIENCE, child.call(verb, ...args), verb)
  try {
    await within(BEGINNING, child.call('open', options), 'open')
  } catch (error) {
    await child.kill()
    throw error instanceof LateError
      ? new UnreadyError(`${options.peer} could not begin: the machine is too busy`)
      : error
  }
  return {
    child,
    read: (...args) => ask('read', ...args),
    set: (value, ...args) => ask('set', value, ...args),
    invalidate: (...args) => ask('invalidate', ...args),
    invalidateLabel: () => ask('invalidateLabel', LABEL),
    clear: () => ask('clear'),
    close: () => ask('close'),
    ask,
  }
}
