import { describe, expect } from 'vitest'

import type { Grant } from './store-actions.ts'
import { ask, begin, commit } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG } from './store-suite.ts'

/** How long the contract has each of them last. */
const FENCE = 3_600_000
const REPEAT = 60_000
const MARK = 2000
/** What a test is early, so as not to be late. */
const EARLY = 100
/** On a machine that is busy two seconds are over before anybody looks. */
const LOOKS = 3
/** Against hanging. */
const HANGING = 20_000

/** Part of `describeStore`: what has to last, looked at as late as the suite has patience. */
export function describeLasting({ name, test, leasing, time }: StoreSuite): void {
  const { advance, patience = 3000 } = time

  const putOf = (grant: Grant) => ({ ...grant, envelope: new Uint8Array(1), age: 0, ttl: LONG, keep: LONG })
  /** Until it is as old as it may become, or the patience of the suite has an end. */
  const age = (life: number): Promise<void> => advance(Math.min(life - EARLY, patience))

  describe('after a while', { timeout: 2 * patience + HANGING }, () => {
    test('a commit or put that is repeated within a minute answers the same', async (store) => {
      const committed = await begin(store, { key: name() })
      expect(await commit(store, committed)).toBe(true)
      const put = await begin(store, { key: name() })
      expect(await store.put(putOf(put))).toBe(true)
      await age(REPEAT)
      expect([await commit(store, committed), await store.put(putOf(put))]).toEqual([true, true])
    })

    test('a load or set that takes an hour may still store its value', async (store) => {
      const fenced = await begin(store, { key: name() })
      const putting = await begin(store, { key: name(), mode: 'early' })
      await age(FENCE)
      expect([await commit(store, fenced), await store.put(putOf(putting))]).toEqual([true, true])
    })

    leasing('a failed load is remembered for two seconds', async (store) => {
      const states = new Set<string>()
      for (let i = 0; i < LOOKS && !states.has('failed'); i++) {
        const grant = await begin(store, { key: name(), lease: LONG })
        await store.release({ ...grant, failed: true })
        await advance(MARK - EARLY)
        states.add((await ask(store, { key: grant.key, lease: LONG })).state)
      }
      expect(states).toContain('failed')
    })
  })
}
