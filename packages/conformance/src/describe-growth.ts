import { describe, expect, test } from 'vitest'

import { begin, fill } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { SHORT } from './store-suite.ts'

const MANY = 100
/** What a store may keep of all that is over, such as the last message. */
const FEW = 10

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Part of `describeStore`: a store in use does not grow for ever. */
export function describeGrowth({ connect, name, time, eventually, size }: StoreSuite): void {
  const { advance, patience = 0 } = time
  const unknown = 'there is no way to tell what the server holds here'

  describe('what has ended', () => {
    test('leaves within a minute: records and tag ids', { timeout: 2 * MINUTE }, async ({ skip }) => {
      if (size === undefined) return skip(unknown)
      const store = await connect()
      const names = Array.from({ length: MANY }, () => name())
      await Promise.all(names.map((key) => fill(store, key, { ttl: SHORT, keep: SHORT })))
      await store.capture({ tags: names, keep: SHORT })
      const full = await size()
      await eventually(async () => {
        // a store may wait for somebody to ask
        await store.readTags([name()])
        return (await size()) <= full - 2 * MANY
      }, MINUTE)
    })

    test('leaves in the end: fences, what is known of commits, and messages', async ({ skip }) => {
      if (size === undefined) return skip(unknown)
      if (patience < HOUR) return skip('the suite has no patience for that')
      const store = await connect()
      await advance(HOUR + MINUTE)
      await store.readTags([name()])
      const before = await size()
      for (let i = 0; i < MANY; i++) {
        await begin(store, { key: name() })
        await fill(store, name(), { ttl: SHORT, keep: SHORT })
        await store.invalidate([name()])
        await store.invalidateTags([name()])
      }
      await advance(HOUR)
      await eventually(async () => {
        await store.readTags([name()])
        return (await size()) <= before + FEW
      }, MINUTE)
      expect(await size()).toBeLessThanOrEqual(before + FEW)
    })
  })
}
