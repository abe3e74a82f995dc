import type { RemoteStore } from '@shelflife/core'
import { describe, expect } from 'vitest'

import type { Grant } from './store-actions.ts'
import { ask, begin, bytes, commit, fill, newOwner, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG } from './store-suite.ts'

/** What takes the fence away from a load. */
const FENCED: Readonly<Record<string, (store: RemoteStore, grant: Grant) => Promise<unknown>>> = {
  'the key was invalidated': (store, { key }) => store.invalidate([key]),
  'the key was expired': (store, { key }) => store.expire([key]),
  'the fence was taken': (store, { key }) => begin(store, { key, mode: 'take' }),
  'the key was invalidated and asked for again': async (store, { key }) => {
    await store.invalidate([key])
    await begin(store, { key })
  },
  'another load used the fence up': (store, { key, fence }) =>
    commit(store, { key, fence, owner: newOwner() }, { envelope: bytes('old') }),
}

export function describeCommit({ connect, name, test, leasing, time }: StoreSuite): void {
  describe('commit', () => {
    test('stores the record', async (store) => {
      const grant = await begin(store, { key: name() })
      expect(await commit(store, grant)).toBe(true)
      expect(await textOf(store, grant.key)).toBe('new')
    })

    test('replaces the record', async (store) => {
      const key = name()
      await fill(store, key)
      const grant = await begin(store, { key, mode: 'early' })
      expect(await commit(store, grant)).toBe(true)
      expect(await textOf(store, key)).toBe('new')
    })

    test('is refused where nobody asked to load', async (store) => {
      const key = name()
      expect(await commit(store, { key, owner: newOwner(), fence: newOwner() })).toBe(false)
      expect(await commit(store, { key, owner: newOwner(), fence: '' })).toBe(false)
      expect(await textOf(store, key)).toBeUndefined()
    })

    for (const [because, fence] of Object.entries(FENCED)) {
      test(`is refused and changes nothing after ${because}`, async (store) => {
        const key = name()
        await fill(store, key)
        const grant = await begin(store, { key, mode: 'early' })
        await fence(await connect(), grant)
        const before = await textOf(store, key)
        expect(await commit(store, grant)).toBe(false)
        expect(await textOf(store, key)).toBe(before)
      })
    }

    test('of many with the same fence at once, exactly one is stored', async (store) => {
      const key = name()
      const stores = [store, await connect(), await connect()]
      const grants = await Promise.all(stores.map((one) => begin(one, { key })))
      const stored = await Promise.all(grants.map((grant, i) => commit(stores[i] ?? store, grant)))
      expect(stored.filter(Boolean)).toHaveLength(1)
    })

    test('and invalidate at once leave nothing behind, whichever came first', async (store) => {
      const other = await connect()
      const keys = Array.from({ length: 20 }, () => name())
      const grants = await Promise.all(keys.map((key) => begin(store, { key })))
      await Promise.all(grants.flatMap((grant) => [commit(store, grant), other.invalidate([grant.key])]))
      expect(await Promise.all(keys.map((key) => textOf(store, key)))).toEqual(keys.map(() => undefined))
    })

    test('that is repeated by its owner answers the same', async (store) => {
      const grant = await begin(store, { key: name() })
      expect(await commit(store, grant)).toBe(true)
      expect(await commit(store, grant)).toBe(true)
      expect(await textOf(store, grant.key)).toBe('new')
    })

    test('that is repeated late does not bring back what was invalidated', async (store) => {
      const grant = await begin(store, { key: name() })
      await commit(store, grant)
      await store.invalidate([grant.key])
      await commit(store, grant)
      expect(await textOf(store, grant.key)).toBeUndefined()
    })

    test('that is repeated late does not make fresh what was expired', async (store) => {
      const grant = await begin(store, { key: name() })
      await commit(store, grant)
      await store.expire([grant.key])
      await commit(store, grant)
      expect((await ask(store, { key: grant.key })).state).toBe('granted')
    })

    test('that is repeated late does not replace what is newer', async (store) => {
      const grant = await begin(store, { key: name() })
      await commit(store, grant)
      await fill(store, grant.key, { envelope: bytes('newer') })
      await commit(store, grant)
      expect(await textOf(store, grant.key)).toBe('newer')
    })

    test('that is repeated late does not refuse the load that runs now', async (store) => {
      const first = await begin(store, { key: name() })
      await commit(store, first)
      const second = await begin(store, { key: first.key, mode: 'early' })
      await commit(store, first)
      expect(await commit(store, second)).toBe(true)
    })

    leasing('that is refused does not end the lease of somebody else', async (store) => {
      const first = await begin(store, { key: name(), lease: LONG })
      await store.invalidate([first.key])
      const second = await begin(store, { key: first.key, lease: LONG })
      await commit(store, first)
      expect((await ask(store, { key: first.key, lease: LONG })).state).toBe('held')
      expect(await commit(store, second)).toBe(true)
    })

    test('of a value older than its ttl stores it stale', async (store) => {
      const key = name()
      await fill(store, key, { age: 2000, ttl: 1000, keep: LONG })
      const { record } = await store.read(key, [])
      expect(record?.freshUntil).toBeLessThan(time.clock.now() + (time.accuracy ?? 0))
      expect((await ask(store, { key })).state).toBe('granted')
    })

    test('works for many keys at once', async (store) => {
      const keys = Array.from({ length: 300 }, () => name())
      await Promise.all(keys.map((key) => fill(store, key, { envelope: bytes(key) })))
      expect(await Promise.all(keys.map((key) => textOf(store, key)))).toEqual(keys)
    })
  })
}
