import type { RemoteStore } from '@shelflife/core'
import { test } from 'vitest'

import type { Listening } from './listen-to.ts'
import { listenTo } from './listen-to.ts'
import type { StoreSuite } from './store-suite.ts'

/** What the tests of the bus need beside the suite. */
export interface BusSuite {
  /** Listens, and waits until what another process says is heard. */
  listen(store: RemoteStore, onMessage?: (listening: Listening) => void): Promise<Listening>
  /** Waits until what another process says is heard. */
  untilHeard(listening: Listening, speaker: RemoteStore): Promise<void>
  /** A test with two processes, skipped for stores that declare no bus. */
  bussing(title: string, run: (one: RemoteStore, other: RemoteStore) => Promise<void>): void
}

export function createBusSuite({ connect, name, time, eventually, after }: StoreSuite): BusSuite {
  /** Says it again and again: a bus that confirms need not be subscribed yet, and tells of a gap instead. */
  async function untilHeard({ messagesOn }: Listening, speaker: RemoteStore): Promise<void> {
    const word = name()
    await eventually(async () => {
      await speaker.expire([word])
      return messagesOn(word).length > 0
    })
  }

  return {
    untilHeard,
    async listen(store, onMessage) {
      const listening = listenTo(store, time.clock, onMessage)
      after(listening.stop)
      await eventually(() => listening.confirmedAt() > -Infinity)
      await untilHeard(listening, await connect())
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
