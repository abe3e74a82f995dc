import { describe, expect } from 'vitest'

import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST } from './store-suite.ts'
import { capture, partsOf } from './tag-actions.ts'

export function describeTagInvalidation({ connect, name, test, time }: StoreSuite): void {
  describe('invalidateTags and expireTags', () => {
    test('invalidating a tag changes a or removes the id, for every process', async (store) => {
      const [tag, untouched] = [name(), name()]
      const { ids } = await store.capture({ tags: [tag, untouched], keep: LONG })
      await store.invalidateTags([tag])
      const [now, same] = await (await connect()).readTags([tag, untouched])
      expect(now === undefined || partsOf(now)[0] !== partsOf(ids[0])[0]).toBe(true)
      expect(same).toBe(ids[1])
    })

    test('an id never comes back after an invalidation', async (store) => {
      const tag = name()
      const seen = new Set<string>()
      for (let i = 0; i < 5; i++) {
        seen.add(partsOf(await capture(store, tag))[0])
        await store.invalidateTags([tag])
      }
      expect(seen.size).toBe(5)
    })

    test('expiring a tag changes b alone', async (store) => {
      const [tag, untouched] = [name(), name()]
      const { ids } = await store.capture({ tags: [tag, untouched], keep: LONG })
      await store.expireTags([tag])
      const [now, same] = await (await connect()).readTags([tag, untouched])
      expect(partsOf(now)[0]).toBe(partsOf(ids[0])[0])
      expect(partsOf(now)[1]).not.toBe(partsOf(ids[0])[1])
      expect(same).toBe(ids[1])
      expect(await capture(store, tag)).toBe(now)
    })

    test('expiring a tag keeps its id as long as before', async (store) => {
      const tag = name()
      await capture(store, tag)
      await store.expireTags([tag])
      const [id] = await store.readTags([tag])
      await time.advance(PAST)
      expect(await store.readTags([tag])).toEqual([id])
    })

    test('tags may be invalidated and expired again, unknown, or not named at all', async (store) => {
      const tag = name()
      const id = await capture(store, tag)
      await store.invalidateTags([tag])
      await store.invalidateTags([tag, name()])
      await store.invalidateTags([])
      await store.expireTags([tag, name()])
      await store.expireTags([])
      expect(partsOf(await capture(store, tag))[0]).not.toBe(partsOf(id)[0])
    })

    test('many tags can be invalidated at once', async (store) => {
      const tags = Array.from({ length: 200 }, () => name())
      const { ids } = await store.capture({ tags, keep: LONG })
      await store.invalidateTags(tags)
      const now = (await store.capture({ tags, keep: LONG })).ids
      expect(now.some((id, i) => partsOf(id)[0] === partsOf(ids[i])[0])).toBe(false)
    })
  })
}
