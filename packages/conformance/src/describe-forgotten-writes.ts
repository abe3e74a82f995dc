import type { RemoteStore } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { createBusSuite } from './bus-suite.ts'
import type { Listening } from './listen-to.ts'
import { watch } from './listen-to.ts'
import type { StoreSuite } from './store-suite.ts'

/** Writes that were carried out and are forgotten when the server goes back, and those made before it is asked again. */
const HISTORIES: readonly (readonly [forgotten: number, since: number])[] = [
  [1, 0],
  [3, 1],
  [1, 1],
  [3, 3],
  [1, 4],
]

const timesLost = ({ heard }: Listening): number => heard.filter(({ type }) => type === 'lost').length

export function describeForgottenWrites(suite: StoreSuite): void {
  const { connect, name, time, eventually, loseBus, restoreBus, snapshot, after } = suite
  const { clock, advance } = time
  const { listen, bussing } = createBusSuite(suite)

  /** Two processes, one of which wants no messages. */
  async function listenTwice(other: RemoteStore): Promise<readonly Listening[]> {
    const watching = watch(await connect(), clock)
    after(watching.stop)
    const all = [await listen(other), watching]
    await untilConfirmed(all)
    return all
  }

  async function untilConfirmed(all: readonly Listening[]): Promise<void> {
    await advance(1)
    const at = clock.now()
    await eventually(() => all.every(({ confirmedAt }) => confirmedAt() >= at))
  }

  async function write(store: RemoteStore, times: number): Promise<void> {
    for (let i = 0; i < times; i++) await store.invalidate([name()])
  }

  describe('forgotten writes', () => {
    for (const [forgotten, since] of HISTORIES) {
      test(`are told once to every process: ${forgotten}, and ${since} made since`, async ({ skip }) => {
        const [one, other] = [await connect(), await connect()]
        skip(one.bus === undefined, 'the store declares no bus')
        if (snapshot === undefined) return skip('there is no way to go back to a snapshot here')
        const all = await listenTwice(other)
        const goBack = snapshot()
        await write(one, forgotten)
        await untilConfirmed(all)
        expect(all.map(timesLost)).toEqual([0, 0])
        goBack()
        await write(one, since)
        await untilConfirmed(all)
        await write(one, 2)
        await untilConfirmed(all)
        expect(all.map(timesLost)).toEqual([1, 1])
      })
    }

    bussing('are not told of while nothing is forgotten, also if messages are lost', async (one, other) => {
      const all = await listenTwice(other)
      if (typeof loseBus === 'function') await loseBus(other)
      for (let i = 0; i < 40; i++) {
        await write(one, 1)
        await advance(30)
        if (i === 20 && typeof loseBus === 'function') await restoreBus?.(other)
      }
      await untilConfirmed(all)
      expect(all.map(timesLost)).toEqual([0, 0])
    })

    bussing('are told to who wants no messages, and no messages are', async (one, other) => {
      const watching = watch(other, clock)
      after(watching.stop)
      await untilConfirmed([watching])
      await write(one, 3)
      await untilConfirmed([watching])
      expect(watching.heard.filter(({ type }) => type === 'message')).toEqual([])
    })
  })
}
