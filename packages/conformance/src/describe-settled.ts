import type { RemoteStore } from '@shelflife/core'
import { describe, expect } from 'vitest'

import type { Grant } from './store-actions.ts'
import { begin, commit } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

/** What may end a lease. */
const ENDINGS: Readonly<Record<string, (store: RemoteStore, grant: Grant) => Promise<unknown>>> = {
  'a commit': (store, grant) => commit(store, grant),
  'a release': (store, grant) => store.release({ ...grant, failed: false }),
  'a failed load': (store, grant) => store.release({ ...grant, failed: true }),
  'an invalidation': (store, { key }) => store.invalidate([key]),
  'an expiry': (store, { key }) => store.expire([key]),
}

const MOMENT = 20
/** The contract says a second; the rest is for a machine that is busy. */
const SOON = 3000

export function describeSettled({ connect, name, leasing, time, eventually }: StoreSuite): void {
  const lease = LONG

  /** Whether a wait is over, to look at at any time. */
  function watch(waiting: Promise<void>): { over: boolean } {
    const watched = { over: false }
    void waiting.finally(() => {
      watched.over = true
    })
    return watched
  }

  describe('settled', () => {
    for (const [ending, end] of Object.entries(ENDINGS)) {
      leasing(`wakes all who wait, in every process, at ${ending}`, async (store) => {
        const grant = await begin(store, { key: name(), lease })
        const other = await connect()
        const waits = [store, store, other, other].map((one) => watch(one.settled(grant.key, LONG)))
        await time.advance(MOMENT)
        expect(waits.some(({ over }) => over)).toBe(false)
        await end(store, grant)
        await eventually(() => waits.every(({ over }) => over), SOON)
      })

      leasing(`does not wait for ${ending} that has been`, async (store) => {
        const grant = await begin(store, { key: name(), lease })
        await end(store, grant)
        const wait = watch((await connect()).settled(grant.key, LONG))
        await eventually(() => wait.over)
      })
    }

    leasing('waits `ms` at the latest', async (store) => {
      const { key } = await begin(store, { key: name(), lease })
      const wait = watch(store.settled(key, SHORT))
      await time.advance(MOMENT)
      expect(wait.over).toBe(false)
      await time.advance(PAST)
      expect(wait.over).toBe(true)
    })

    leasing('does not wake those who wait for another key', async (store) => {
      const { key } = await begin(store, { key: name(), lease })
      const other = await begin(store, { key: name(), lease })
      const wait = watch(store.settled(key, LONG))
      await commit(store, other)
      await time.advance(MOMENT)
      expect(wait.over).toBe(false)
    })

    leasing('can be waited for again', async (store) => {
      const first = await begin(store, { key: name(), lease })
      const { key } = first
      const waiting = watch(store.settled(key, LONG))
      await store.release({ ...first, failed: false })
      await eventually(() => waiting.over)
      const second = await begin(store, { key, lease })
      const again = watch(store.settled(key, LONG))
      await time.advance(MOMENT)
      expect(again.over).toBe(false)
      await commit(store, second)
      await eventually(() => again.over)
    })

    leasing('resolves for whoever waits when the store is closed', async () => {
      const store = await connect()
      const { key } = await begin(store, { key: name(), lease })
      const wait = watch(store.settled(key, LONG))
      await store.close()
      await eventually(() => wait.over)
    })
  })
}
