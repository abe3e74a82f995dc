import type { Clock, RemoteStore } from '@shelflife/core'
import { expect, test } from 'vitest'

/** Time as a suite can move it on: by hand with a fake clock, by really waiting with a real server. */
export interface SuiteTime {
  /** The clock of the processes that `connect` gives. */
  readonly clock: Clock
  /** Resolves when `ms` milliseconds have passed, on the clock and in the store. */
  advance(ms: number): Promise<void>
  /** How many milliseconds a time of the store may be off once it is translated to the clock. Default 0. */
  readonly accuracy?: number
}

/** What `describeStore` needs to know about a store. */
export interface StoreSuiteOptions {
  /** The store as a new process sees it, each time. All of them share their entries; they are closed by the suite. */
  connect(): Promise<RemoteStore>
  readonly time: SuiteTime
  /** Cuts one process off from the bus. With `restoreBus` it makes the tests of lost messages run. */
  loseBus?(store: RemoteStore): Promise<void> | void
  restoreBus?(store: RemoteStore): Promise<void> | void
  /**
   * Remembers what the store has. What it returns puts that back, as a restart from a snapshot. It makes the tests of
   * forgotten writes run.
   */
  snapshot?(): () => void
}

/** A lease, ttl or keep that is still running when a test ends. */
export const LONG = 60_000
/** One that ends when a test waits for `PAST`. */
export const SHORT = 400
export const PAST = 500

const STEP = 50
const STEPS = 200

/** One process after another, names nobody else uses, and what each test leaves open. */
export interface StoreSuite extends Omit<StoreSuiteOptions, 'connect'> {
  connect(): Promise<RemoteStore>
  /** A key or tag of this test alone. */
  name(about?: string): string
  /** Lets time pass until the condition holds. */
  eventually(condition: () => boolean | Promise<boolean>): Promise<void>
  /** Has `run` called when the test is over. */
  after(run: () => void): void
  finish(): Promise<void>
  /** A test that gets a store of its own. */
  test(title: string, run: (store: RemoteStore) => Promise<void>): void
  /** The same, skipped for stores that declare no leases. */
  leasing(title: string, run: (store: RemoteStore) => Promise<void>): void
}

export function createStoreSuite(options: StoreSuiteOptions): StoreSuite {
  const run = crypto.randomUUID()
  const open: RemoteStore[] = []
  const endings: (() => void)[] = []
  let names = 0

  async function connect(): Promise<RemoteStore> {
    const store = await options.connect()
    open.push(store)
    return store
  }

  return {
    ...options,
    connect,
    name: (about = '') => `${run}/${names++}/${about}`,
    async eventually(condition) {
      for (let i = 0; i < STEPS; i++) {
        if (await condition()) return
        await options.time.advance(STEP)
      }
      expect(await condition()).toBe(true)
    },
    after: (ending) => void endings.push(ending),
    async finish() {
      for (const ending of endings.splice(0)) ending()
      await Promise.all(open.splice(0).map((store) => store.close()))
    },
    test(title, check) {
      test(title, async () => check(await connect()))
    },
    leasing(title, check) {
      test(title, async ({ skip }) => {
        const store = await connect()
        skip(!store.leases, 'the store declares no leases')
        await check(store)
      })
    },
  }
}
