import { describe, expect } from 'vitest'

import { ask, begin, commit, fill, newOwner, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

export function describeLeases({ connect, name, leasing, time }: StoreSuite): void {
  const lease = LONG

  describe('leases', () => {
    leasing('of many who ask at once, exactly one is granted the lease', async (store) => {
      const key = name()
      const stores = [store, await connect(), await connect(), await connect()]
      const asked = Array.from({ length: 24 }, (_, i) => ask(stores[i % 4] ?? store, { key, lease }))
      const opened = await Promise.all(asked)
      expect(opened.filter(({ state }) => state === 'granted')).toHaveLength(1)
      expect(opened.filter(({ state }) => state === 'held')).toHaveLength(23)
    })

    leasing('many keys at once have a lease each', async (store) => {
      const keys = Array.from({ length: 300 }, () => name())
      const grants = await Promise.all(keys.map((key) => begin(store, { key, lease })))
      const other = await connect()
      const opened = await Promise.all(keys.map((key) => ask(other, { key, lease })))
      expect(opened.every(({ state }) => state === 'held')).toBe(true)
      expect(await Promise.all(grants.map((grant) => commit(store, grant)))).not.toContain(false)
    })

    leasing('whoever is held up learns how long at most', async (store) => {
      const key = name()
      await begin(store, { key, lease })
      const opened = await ask(await connect(), { key, lease: 1000 })
      expect(opened.state).toBe('held')
      if (opened.state !== 'held') return
      expect(opened.retryAfter).toBeGreaterThan(0)
      expect(opened.retryAfter).toBeLessThanOrEqual(lease)
      expect(opened.retryAfter).toBeGreaterThan(lease - 5000)
    })

    leasing('a lease also holds up those who come early', async (store) => {
      const key = name()
      await fill(store, key)
      await begin(store, { key, lease, mode: 'early' })
      expect((await ask(store, { key, lease, mode: 'early' })).state).toBe('held')
    })

    leasing('a lease does not hold up those who ask for the fence alone', async (store) => {
      const key = name()
      const leased = await begin(store, { key, lease })
      const bare = await begin(await connect(), { key })
      expect(bare.fence).toBe(leased.fence)
    })

    leasing('asking for the fence alone does not take the lease', async (store) => {
      const key = name()
      await begin(store, { key })
      await begin(store, { key, lease })
      await begin(store, { key })
      expect((await ask(store, { key, lease })).state).toBe('held')
    })

    leasing('a lease ends by itself', async (store) => {
      const key = name()
      await begin(store, { key, lease: SHORT })
      expect((await ask(store, { key, lease })).state).toBe('held')
      await time.advance(PAST)
      await begin(store, { key, lease })
    })

    leasing('a load may commit after its lease has ended; the one that followed is refused', async (store) => {
      const key = name()
      const first = await begin(store, { key, lease: SHORT })
      await time.advance(PAST)
      const second = await begin(store, { key, lease })
      expect(await commit(store, first)).toBe(true)
      expect(await commit(store, second)).toBe(false)
      expect(await textOf(store, key)).toBe('new')
    })

    leasing('take takes the lease from its owner', async (store) => {
      const key = name()
      const first = await begin(store, { key, lease })
      const taken = await begin(await connect(), { key, lease, mode: 'take' })
      expect(await store.renew({ ...first, lease })).toBe(false)
      expect((await ask(store, { key, lease })).state).toBe('held')
      expect(await store.renew({ ...taken, lease })).toBe(true)
    })

    leasing('commit ends the lease', async (store) => {
      const key = name()
      const first = await begin(store, { key, lease })
      await commit(store, first)
      await begin(store, { key, lease, mode: 'early' })
    })

    leasing('invalidate and expire end the lease', async (store) => {
      for (const command of ['invalidate', 'expire'] as const) {
        const key = name()
        const first = await begin(store, { key, lease })
        await store[command]([key])
        await begin(store, { key, lease })
        expect(await store.renew({ ...first, lease })).toBe(false)
      }
    })
  })

  describe('renew', () => {
    leasing('prolongs the lease', async (store) => {
      const key = name()
      const grant = await begin(store, { key, lease: SHORT })
      expect(await store.renew({ ...grant, lease })).toBe(true)
      await time.advance(PAST)
      expect((await ask(store, { key, lease })).state).toBe('held')
    })

    leasing('by somebody else is false and changes nothing', async (store) => {
      const key = name()
      await begin(store, { key, lease: SHORT })
      expect(await store.renew({ key, owner: newOwner(), lease })).toBe(false)
      await time.advance(PAST)
      await begin(store, { key, lease })
    })

    leasing('is false where there is no lease', async (store) => {
      const key = name()
      expect(await store.renew({ key, owner: newOwner(), lease })).toBe(false)
      await begin(store, { key, lease })
    })

    leasing('is false after the commit', async (store) => {
      const grant = await begin(store, { key: name(), lease })
      await commit(store, grant)
      expect(await store.renew({ ...grant, lease })).toBe(false)
      await begin(store, { key: grant.key, lease, mode: 'early' })
    })

    leasing('is false once somebody else has the lease', async (store) => {
      const key = name()
      const first = await begin(store, { key, lease: SHORT })
      await time.advance(PAST)
      const second = await begin(store, { key, lease: SHORT })
      expect(await store.renew({ ...first, lease })).toBe(false)
      expect(await store.renew({ ...second, lease: SHORT })).toBe(true)
    })
  })
}
