import type { OpenRequest } from '@shelflife/core'
import { describe, expect } from 'vitest'

import { ask, begin, commit, fill, newOwner, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

const MODES: readonly OpenRequest['mode'][] = ['load', 'early', 'take']

export function describeOpen({ connect, name, test, leasing, time }: StoreSuite): void {
  const { advance, accuracy = 0 } = time

  describe('open', () => {
    test('everybody who asks for the fence alone gets the same one', async (store) => {
      const key = name()
      const stores = [store, await connect(), await connect()]
      const grants = await Promise.all(stores.map((one) => begin(one, { key })))
      expect(new Set(grants.map((grant) => grant.fence)).size).toBe(1)
    })

    test('fences of different keys are different', async (store) => {
      const [one, two] = [await begin(store, { key: name() }), await begin(store, { key: name() })]
      expect(one.fence).not.toBe(two.fence)
      expect(await commit(store, one, { key: two.key })).toBe(false)
    })

    for (const mode of MODES) {
      test(`the same owner asking twice to ${mode} gets the same fence`, async (store) => {
        const [key, owner] = [name(), newOwner()]
        const first = await begin(store, { key, owner, mode })
        const again = await begin(store, { key, owner, mode })
        expect(again.fence).toBe(first.fence)
        expect(await commit(store, first)).toBe(true)
      })

      leasing(`the same owner asking twice to ${mode} gets the same lease`, async (store) => {
        const [key, owner] = [name(), newOwner()]
        const first = await begin(store, { key, owner, mode, lease: LONG })
        const again = await begin(store, { key, owner, mode, lease: LONG })
        expect(again.fence).toBe(first.fence)
        expect(await commit(store, first)).toBe(true)
      })
    }

    test('load answers with the record when somebody stored a fresh one', async (store) => {
      const key = name()
      await fill(store, key, { age: 5000 })
      const opened = await ask(store, { key })
      const { record } = await store.read(key, [])
      expect(opened.state).toBe('filled')
      if (opened.state !== 'filled') return
      expect(opened.record.envelope).toEqual(record?.envelope)
      expect(Math.abs(opened.record.createdAt - Number(record?.createdAt))).toBeLessThanOrEqual(2 * accuracy)
      expect(Math.abs(opened.record.freshUntil - Number(record?.freshUntil))).toBeLessThanOrEqual(2 * accuracy)
    })

    test('load takes a stale record for none', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT })
      await advance(PAST)
      expect((await ask(store, { key })).state).toBe('granted')
    })

    test('early asks to load although the record is fresh', async (store) => {
      const key = name()
      await fill(store, key)
      expect(await commit(store, await begin(store, { key, mode: 'early' }))).toBe(true)
      expect(await textOf(store, key)).toBe('new')
    })

    test('early leaves the fence of other loads alone', async (store) => {
      const key = name()
      const running = await begin(store, { key })
      await begin(store, { key, mode: 'early' })
      expect(await commit(store, running)).toBe(true)
    })

    test('take asks to load although the record is fresh', async (store) => {
      const key = name()
      await fill(store, key)
      expect(await commit(store, await begin(store, { key, mode: 'take' }))).toBe(true)
      expect(await textOf(store, key)).toBe('new')
    })

    test('take leaves the record where it is', async (store) => {
      const key = name()
      await fill(store, key)
      await begin(store, { key, mode: 'take' })
      expect(await textOf(store, key)).toBe('old')
    })

    test('take refuses every load that was running', async (store) => {
      const key = name()
      const running = [await begin(store, { key }), await begin(await connect(), { key, mode: 'early' })]
      const taken = await begin(store, { key, mode: 'take' })
      for (const load of running) expect(await commit(store, load)).toBe(false)
      expect(await commit(store, taken)).toBe(true)
    })

    test('take refuses the load of another take', async (store) => {
      const key = name()
      const first = await begin(store, { key, mode: 'take' })
      const second = await begin(await connect(), { key, mode: 'take' })
      expect(await commit(store, first)).toBe(false)
      expect(await commit(store, second)).toBe(true)
    })

    leasing('take by whoever has the lease refuses other loads too', async (store) => {
      const [key, owner] = [name(), newOwner()]
      const other = await begin(store, { key })
      await begin(store, { key, owner, lease: LONG })
      const taken = await begin(store, { key, owner, lease: LONG, mode: 'take' })
      expect(await commit(store, other)).toBe(false)
      expect(await commit(store, taken)).toBe(true)
    })
  })
}
