import { describe, expect } from 'vitest'

import { fill } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'
import { capture, partsOf } from './tag-actions.ts'

export function describeTags({ connect, name, test, time }: StoreSuite): void {
  describe('tags', () => {
    test('a tag nobody captured has no id', async (store) => {
      const [one, two] = [name(), name()]
      expect(await store.readTags([one, two])).toEqual([undefined, undefined])
      expect((await store.read(name(), [one, two])).ids).toEqual([undefined, undefined])
    })

    test('capture creates ids of the form a.b', async (store) => {
      const [one, two] = [name(), name()]
      const { ids } = await store.capture({ tags: [one, two], keep: LONG })
      expect(ids).toHaveLength(2)
      for (const id of ids) expect(id).toMatch(/^[^.]+\..+$/)
      expect(partsOf(ids[0])[0]).not.toBe(partsOf(ids[1])[0])
    })

    test('every process is told the same ids, in the order asked, by every command', async (store) => {
      const [one, two, none] = [name(), name(), name()]
      const { ids } = await store.capture({ tags: [one, two], keep: LONG })
      const [first, second] = ids
      const other = await connect()
      expect(await other.readTags([two, none, one])).toEqual([second, undefined, first])
      expect((await other.read(name(), [two, none, one])).ids).toEqual([second, undefined, first])
      expect((await other.capture({ tags: [two, one], keep: LONG })).ids).toEqual([second, first])
    })

    test('a tag asked for twice is answered twice', async (store) => {
      const tag = name()
      const { ids } = await store.capture({ tags: [tag, tag], keep: LONG })
      expect(ids).toEqual([ids[0], ids[0]])
      expect(await store.readTags([tag, tag])).toEqual(ids)
    })

    test('no tags are answered with no ids', async (store) => {
      const key = name()
      await fill(store, key)
      expect((await store.capture({ tags: [], keep: LONG })).ids).toEqual([])
      expect(await store.readTags([])).toEqual([])
      expect((await store.read(key, [])).ids).toEqual([])
    })

    test('of many who capture a new tag at once, all get the same id', async (store) => {
      const tag = name()
      const stores = [store, await connect(), await connect()]
      const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => capture(stores[i % 3] ?? store, tag)))
      expect(new Set(ids).size).toBe(1)
    })

    test('many tags at once have an id each', async (store) => {
      const tags = Array.from({ length: 200 }, () => name())
      const { ids } = await store.capture({ tags, keep: LONG })
      expect(new Set(ids).size).toBe(200)
      expect(await store.readTags(tags)).toEqual(ids)
    })

    test('names of tags and keys do not meet', async (store) => {
      const both = name()
      const id = await capture(store, both)
      await store.invalidate([both])
      expect(await store.readTags([both])).toEqual([id])
      await fill(store, both)
      await store.invalidateTags([both])
      expect((await store.read(both, [])).record).toBeDefined()
    })

    test('names with any characters are different', async (store) => {
      const about = name()
      const tags = ['a', 'A', 'a ', 'a\0', '{a}', 'a/b', 'a#b', '*', 'é', 'e\u0301', '👩', ''].map((odd) => about + odd)
      const { ids } = await store.capture({ tags, keep: LONG })
      expect(new Set(ids).size).toBe(tags.length)
    })

    test('ids are kept as long as asked', async (store) => {
      const tag = name()
      const { ids } = await store.capture({ tags: [tag], keep: LONG })
      await time.advance(PAST)
      expect(await store.readTags([tag])).toEqual(ids)
    })

    test('capturing again keeps the id longer, and never shorter', async (store) => {
      const [longer, shorter] = [name(), name()]
      const first = await store.capture({ tags: [longer], keep: SHORT })
      const second = await store.capture({ tags: [shorter], keep: LONG })
      await store.capture({ tags: [longer], keep: Infinity })
      await store.capture({ tags: [shorter], keep: SHORT })
      await time.advance(PAST)
      expect(await store.readTags([longer, shorter])).toEqual([...first.ids, ...second.ids])
    })
  })
}
