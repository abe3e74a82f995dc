import type { RemoteStore } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { begin, fill } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { SHORT } from './store-suite.ts'

const MANY = 200
/** What a store may keep of all that is over, such as the last message. */
const FEW = 10

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Until commits and messages have ended, and one more. */
const MINUTES = 3 * MINUTE

/** Part of `describeStore`: a store in use does not grow for ever. */
export function describeGrowth({ connect, name, time, eventually, size }: StoreSuite): void {
  const { advance, patience = 3000 } = time

  interface Start {
    readonly store: RemoteStore
    readonly before: number
    readonly sizeNow: () => Promise<number>
  }

  /** As long as whatever has ended may still be there. A store may wait for somebody to ask. */
  async function sweep(store: RemoteStore): Promise<void> {
    for (let waited = 0; waited < MINUTE; waited += SECOND) {
      await advance(SECOND)
      await store.readTags([name()])
    }
  }

  function growing(title: string, needs: number, check: (start: Start) => Promise<void>): void {
    test(title, { timeout: 2 * (needs + MINUTES) }, async ({ skip }) => {
      if (size === undefined) return skip('there is no way to tell what the server holds here')
      if (patience < needs) return skip('the suite has no patience for that')
      const store = await connect()
      // what other tests have left and would leave meanwhile is gone before
      await advance(Math.min(patience, HOUR))
      if (patience >= MINUTE) await sweep(store)
      await check({ store, before: await size(), sizeNow: async () => size() })
    })
  }

  describe('what has ended', () => {
    growing('leaves within a minute: records and tag ids', 0, async ({ store, before, sizeNow }) => {
      const names = Array.from({ length: MANY }, () => name())
      await Promise.all(names.map((key) => fill(store, key, { ttl: SHORT, keep: SHORT })))
      await store.capture({ tags: names, keep: SHORT })
      const commits = MANY
      await eventually(async () => {
        await store.readTags([name()])
        return (await sizeNow()) <= before + commits + FEW
      }, MINUTE)
    })

    growing('leaves within minutes: what is known of commits, and messages', MINUTES, async (start) => {
      const { store, before, sizeNow } = start
      for (let i = 0; i < MANY; i++) {
        await fill(store, name(), { ttl: SHORT, keep: SHORT })
        await store.invalidate([name()])
        await store.invalidateTags([name()])
      }
      await advance(MINUTES - MINUTE)
      await sweep(store)
      expect(await sizeNow()).toBeLessThanOrEqual(before + FEW)
    })

    growing('leaves in the end: fences', HOUR, async ({ store, before, sizeNow }) => {
      for (let i = 0; i < MANY; i++) await begin(store, { key: name() })
      await advance(HOUR)
      await sweep(store)
      expect(await sizeNow()).toBeLessThanOrEqual(before + FEW)
    })
  })
}
