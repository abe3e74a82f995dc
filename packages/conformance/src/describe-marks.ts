import { describe, expect } from 'vitest'

import type { StoreSuite } from './store-suite.ts'
import { LONG } from './store-suite.ts'
import { capture, markNow } from './tag-actions.ts'

export function describeMarks({ connect, name, test }: StoreSuite): void {
  describe('capture since a mark', () => {
    test('answers with the id of a tag that has not changed', async (store) => {
      const tag = name()
      const id = await capture(store, tag)
      expect(await capture(store, tag, await markNow(store))).toBe(id)
    })

    test('answers with the id of a tag that has not changed although others have', async (store) => {
      const [tag, other] = [name(), name()]
      const id = await capture(store, tag)
      const mark = await markNow(store)
      await store.invalidateTags([other])
      await store.expireTags([other])
      expect(await capture(store, tag, mark)).toBe(id)
    })

    test('a mark of one process is understood by another', async (store) => {
      const tag = name()
      const id = await capture(store, tag)
      const other = await connect()
      const mark = await markNow(other)
      expect(await capture(store, tag, mark)).toBe(id)
      await other.invalidateTags([tag])
      expect(await capture(store, tag, mark)).toBeUndefined()
    })

    for (const command of ['invalidateTags', 'expireTags'] as const) {
      test(`does not answer for a tag after ${command}`, async (store) => {
        const tag = name()
        await capture(store, tag)
        const mark = await markNow(store)
        await (await connect())[command]([tag])
        expect(await capture(store, tag, mark)).toBeUndefined()
      })

      test(`does not answer for a tag after ${command} although somebody has captured it since`, async (store) => {
        const tag = name()
        await capture(store, tag)
        const mark = await markNow(store)
        const other = await connect()
        await other[command]([tag])
        await capture(other, tag)
        expect(await capture(store, tag, mark)).toBeUndefined()
      })

      test(`does not answer for a tag without an id after ${command}`, async (store) => {
        const tag = name()
        const mark = await markNow(store)
        await store[command]([tag])
        expect(await capture(store, tag, mark)).toBeUndefined()
      })
    }

    test('answers for a tag without an id with that of the store or not at all', async (store) => {
      const tag = name()
      const id = await capture(store, tag, await markNow(store))
      if (id !== undefined) expect(await store.readTags([tag])).toEqual([id])
    })

    test('answers again since a mark from after the change', async (store) => {
      const tag = name()
      await capture(store, tag)
      await store.invalidateTags([tag])
      const id = await capture(store, tag)
      expect(await capture(store, tag, await markNow(store))).toBe(id)
    })

    test('its own mark counts from then on', async (store) => {
      const [tag, changed] = [name(), name()]
      const early = await store.capture({ tags: [tag, changed], keep: LONG })
      await store.invalidateTags([changed])
      const id = await capture(store, changed)
      const late = await store.capture({ tags: [tag], keep: LONG, since: early.mark })
      expect(late.ids).toEqual([early.ids[0]])
      expect(await capture(store, changed, late.mark)).toBe(id)
    })

    test('answers for each tag on its own, in the order asked', async (store) => {
      const [changed, same] = [name(), name()]
      const { ids, mark } = await store.capture({ tags: [changed, same], keep: LONG })
      await store.invalidateTags([changed])
      const since = await store.capture({ tags: [same, changed], keep: LONG, since: mark })
      expect(since.ids).toEqual([ids[1], undefined])
    })
  })
}
