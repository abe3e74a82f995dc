import type { CommitRequest, RemoteStore } from '@shelflife/core'
import { describe, expect } from 'vitest'

import type { Grant } from './store-actions.ts'
import { ask, begin, bytes, commit, fill, newOwner, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG } from './store-suite.ts'

/** Puts a value that is new and lasts, unless told otherwise. */
const put = (store: RemoteStore, grant: Grant, request: Partial<CommitRequest> = {}): Promise<boolean> =>
  store.put({ ...grant, envelope: bytes('put'), age: 0, ttl: LONG, keep: 2 * LONG, ...request })

/** What a put must not undo. */
const UNDONE: Readonly<Record<string, (store: RemoteStore, key: string) => Promise<unknown>>> = {
  'the key was invalidated': (store, key) => store.invalidate([key]),
  'the key was expired': (store, key) => store.expire([key]),
  'the key was invalidated and asked for again': async (store, key) => {
    await store.invalidate([key])
    await begin(store, { key })
  },
  'the key was invalidated and loaded again': async (store, key) => {
    await store.invalidate([key])
    await fill(store, key)
  },
}

/** What a put takes the place of. */
const REPLACED: Readonly<Record<string, (store: RemoteStore, key: string) => Promise<unknown>>> = {
  'a load has used the fence up': (store, key) => fill(store, key),
  'the fence was taken': (store, key) => begin(store, { key, mode: 'take' }),
  'another value was put': async (store, key) => put(store, await begin(store, { key, mode: 'early' })),
}

export function describePut({ connect, name, test, leasing }: StoreSuite): void {
  describe('put', () => {
    test('stores the record, also in the place of another', async (store) => {
      const key = name()
      expect(await put(store, await begin(store, { key }))).toBe(true)
      expect(await textOf(store, key)).toBe('put')
      const grant = await begin(store, { key, mode: 'early' })
      expect(await put(store, grant, { envelope: bytes('again') })).toBe(true)
      expect(await textOf(store, key)).toBe('again')
    })

    test('is refused where nobody asked for the fence', async (store) => {
      const key = name()
      expect(await put(store, { key, owner: newOwner(), fence: newOwner() })).toBe(false)
      expect(await textOf(store, key)).toBeUndefined()
    })

    for (const [because, undo] of Object.entries(UNDONE)) {
      test(`is refused and changes nothing after ${because}`, async (store) => {
        const key = name()
        await fill(store, key)
        const grant = await begin(store, { key, mode: 'early' })
        await undo(await connect(), key)
        const before = await textOf(store, key)
        expect(await put(store, grant)).toBe(false)
        expect(await textOf(store, key)).toBe(before)
      })
    }

    for (const [although, replace] of Object.entries(REPLACED)) {
      test(`stores the record although ${although} since`, async (store) => {
        const key = name()
        const grant = await begin(store, { key, mode: 'early' })
        await replace(await connect(), key)
        expect(await put(store, grant)).toBe(true)
        expect(await textOf(store, key)).toBe('put')
      })
    }

    test('of many at once, all are stored and the value of one of them remains', async (store) => {
      const key = name()
      const stores = [store, await connect(), await connect()]
      const grants = await Promise.all(stores.map((one) => begin(one, { key, mode: 'early' })))
      const values = ['a', 'b', 'c']
      const stored = await Promise.all(
        grants.map((grant, i) => put(stores[i] ?? store, grant, { envelope: bytes(values[i] ?? '') })),
      )
      expect(stored).toEqual([true, true, true])
      expect(values).toContain(await textOf(store, key))
    })

    test('refuses every load that was running', async (store) => {
      const key = name()
      const [load, taken] = [await begin(store, { key }), await begin(store, { key, mode: 'take' })]
      await put(await connect(), await begin(store, { key, mode: 'early' }))
      for (const grant of [load, taken]) expect(await commit(store, grant)).toBe(false)
      expect(await textOf(store, key)).toBe('put')
    })

    leasing('ends the lease of a load that is running', async (store) => {
      const key = name()
      const load = await begin(store, { key, lease: LONG })
      await put(await connect(), await begin(store, { key, mode: 'early' }))
      expect(await store.renew({ key, owner: load.owner, lease: LONG })).toBe(false)
      expect((await ask(store, { key, lease: LONG, mode: 'early' })).state).toBe('granted')
    })

    test('that is repeated by its owner answers the same', async (store) => {
      const grant = await begin(store, { key: name() })
      expect(await put(store, grant)).toBe(true)
      expect(await put(store, grant)).toBe(true)
      expect(await textOf(store, grant.key)).toBe('put')
    })

    test('that is repeated late does not bring back what was invalidated', async (store) => {
      const grant = await begin(store, { key: name() })
      await put(store, grant)
      await store.invalidate([grant.key])
      await put(store, grant)
      expect(await textOf(store, grant.key)).toBeUndefined()
    })
  })
}
