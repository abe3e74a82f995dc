import type { RemoteStore } from '@shelflife/core'
import { test } from 'vitest'

import type { Listening } from './listen-to.ts'
import { listenTo } from './listen-to.ts'
import type { StoreSuite } from './store-suite.ts'

/** What the tests of the bus need beside the suite. */
export interface BusSuite {
  /** Listens, and waits until the bus is known to be there. */
  listen(store: RemoteStore, onMessage?: () => void): Promise<Listening>
  /** A test with two processes, skipped for stores that declare no bus. */
  bussing(title: string, run: (one: RemoteStore, other: RemoteStore) => Promise<void>): void
}

export function createBusSuite({ connect, time, eventually, after }: StoreSuite): BusSuite {
  return {
    async listen(store, onMessage) {
      const listening = listenTo(store, time.clock, onMessage)
      after(listening.stop)
      await eventually(() => listening.confirmedAt() > -Infinity)
      return listening
    },
    bussing(title, run) {
      test(title, async ({ skip }) => {
        const [one, other] = [await connect(), await connect()]
        skip(one.bus === undefined, 'the store declares no bus')
        await run(one, other)
      })
    },
  }
}
