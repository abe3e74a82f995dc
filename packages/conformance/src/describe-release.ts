import { describe, expect } from 'vitest'

import { ask, begin, commit, newOwner, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

/** How long it may be remembered that a load came to nothing. */
const MOMENT = 4000

export function describeRelease({ connect, name, leasing, time }: StoreSuite): void {
  const lease = LONG

  describe('release', () => {
    leasing('ends the lease', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      await store.release({ ...grant, failed: false })
      await begin(await connect(), { key: grant.key, lease })
    })

    leasing('stores nothing and leaves the fence to other loads', async (store) => {
      const key = name()
      const other = await begin(store, { key })
      const grant = await begin(store, { key, lease })
      await store.release({ ...grant, failed: false })
      expect(await textOf(store, key)).toBeUndefined()
      expect(await commit(store, other)).toBe(true)
    })

    leasing('by somebody else changes nothing', async (store) => {
      const key = name()
      const grant = await begin(store, { key, lease })
      await store.release({ key, owner: newOwner(), failed: true })
      expect((await ask(store, { key, lease })).state).toBe('held')
      expect(await store.renew({ ...grant, lease })).toBe(true)
    })

    leasing('that arrives late does not end the lease of the next', async (store) => {
      const key = name()
      const first = await begin(store, { key, lease: SHORT })
      await time.advance(PAST)
      await begin(store, { key, lease })
      await store.release({ ...first, failed: true })
      expect((await ask(store, { key, lease })).state).toBe('held')
    })

    leasing('that is repeated does not end the lease of the next', async (store) => {
      const key = name()
      const first = await begin(store, { key, lease })
      await store.release({ ...first, failed: false })
      await begin(store, { key, lease })
      await store.release({ ...first, failed: false })
      expect((await ask(store, { key, lease })).state).toBe('held')
    })

    leasing('of a key that was invalidated leaves nothing behind', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      await store.invalidate([grant.key])
      await store.release({ ...grant, failed: true })
      await begin(store, { key: grant.key, lease })
    })
  })

  describe('a failed load', () => {
    leasing('lets everybody load without a lease, with a fence that works', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      const { key } = grant
      await store.release({ ...grant, failed: true })
      const other = await connect()
      const opened = await Promise.all([ask(other, { key, lease }), ask(store, { key, lease })])
      expect(opened.map(({ state }) => state)).toEqual(['failed', 'failed'])
      const [first] = opened
      if (first?.state !== 'failed') return
      expect(await commit(other, { key, owner: newOwner(), fence: first.fence })).toBe(true)
      expect(await textOf(store, key)).toBe('new')
    })

    leasing('is forgotten after a moment', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      await store.release({ ...grant, failed: true })
      await time.advance(MOMENT)
      await begin(store, { key: grant.key, lease })
    })

    leasing('is forgotten when a record is stored', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      await store.release({ ...grant, failed: true })
      expect(await commit(store, await begin(store, { key: grant.key }))).toBe(true)
      await begin(store, { key: grant.key, lease, mode: 'early' })
    })

    leasing('is forgotten when the key is taken, invalidated or expired', async (store) => {
      for (const command of ['take', 'invalidate', 'expire'] as const) {
        const grant = await begin(store, { key: name(), lease })
        await store.release({ ...grant, failed: true })
        if (command !== 'take') await store[command]([grant.key])
        await begin(store, { key: grant.key, lease, mode: command === 'take' ? 'take' : 'load' })
      }
    })

    leasing('does not keep anybody from the fence alone', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      await store.release({ ...grant, failed: true })
      await begin(store, { key: grant.key })
    })
  })
}
