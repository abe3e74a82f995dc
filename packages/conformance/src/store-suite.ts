import type { ChildProcess } from 'node:child_process'

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
  /**
   * How many milliseconds the suite may wait to see that what has to last lasts, such as a fence, which needs an hour. Default
   * 3000. Give 3,600,000 where time is moved on by hand.
   */
  readonly patience?: number
}

/** What `describeStore` needs to know about a store. */
export interface StoreSuiteOptions {
  /** The store as a new process sees it, each time. All of them share their entries; they are closed by the suite. */
  connect(): Promise<RemoteStore>
  readonly time: SuiteTime
  /**
   * Cuts one process off from the bus until `restoreBus`, so that what is told meanwhile never arrives there. Or why that
   * cannot be done here, as a text, which the skipped test shows. Needed for every store that has a bus.
   */
  readonly loseBus?: ((store: RemoteStore) => Promise<void> | void) | string
  restoreBus?(store: RemoteStore): Promise<void> | void
  /**
   * Starts, with `fork` of Node, a process that calls `serveStore` of `@shelflife/conformance/child` for the same entries. It
   * makes the tests of several processes run, which alone see what a driver does in several steps where its calls block.
   */
  spawn?(): ChildProcess
  /**
   * How many things the server holds: records, fences, tag ids and messages, each as one or more. It makes the tests of
   * sweeping run.
   */
  size?(): Promise<number> | number
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
/** Against hanging. */
const AT_MOST = 10_000

/** One process after another, names nobody else uses, and what each test leaves open. */
export interface StoreSuite extends Omit<StoreSuiteOptions, 'connect'> {
  connect(): Promise<RemoteStore>
  /** A key or tag of this test alone. */
  name(about?: string): string
  /** Lets time pass until the condition holds, `ms` at most: ten seconds unless told otherwise. */
  eventually(condition: () => boolean | Promise<boolean>, ms?: number): Promise<void>
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
    async eventually(condition, ms = AT_MOST) {
      for (let waited = 0; waited < ms; waited += STEP) {
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
