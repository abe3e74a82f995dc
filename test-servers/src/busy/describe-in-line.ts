import { expect, test } from 'vitest'

import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import { crowd, range, SETTLED } from './crowd.ts'
import { NO_TROUBLE } from './watch.ts'

/** More than are let in at once. */
const MANY = 2000
const TAG = 'in line'

/** What waits its turn is as old as the call. */
export function describeInLine(suite: BusySuite): void {
  test.each(['invalidateTags', 'expireTags', 'clear'] as const)(
    `${MANY} sets at once leave nothing behind an acknowledged %s that comes after them, whether it was their turn or not`,
    async (command) => {
      const namespace = suite.namespace()
      const [busy, beside] = [await suite.open({ namespace, url: await suite.url(0) }), await suite.beside(namespace)]
      const set = (id: number) => busy.cache.set(`in line ${id}`, 'old', { tier: 'manual', tags: [TAG] })
      let told: Promise<unknown> | undefined
      const { took: _took, ...outcome } = await crowd(MANY, set, () => {
        told = command === 'clear' ? busy.cache.clear() : busy.cache[command]([TAG])
      })
      expect(await told).toMatchObject({ remote: 'done' })
      for (const { cache } of [beside, busy]) {
        const found = await Promise.all(range(MANY).map((id) => cache.get(`in line ${id}`)))
        expect(found.filter((value) => value !== undefined)).toEqual([])
      }
      expect({ ...outcome, ill: await ailment(busy), ...busy.trouble() }).toEqual({
        ...SETTLED,
        ill: undefined,
        ...NO_TROUBLE,
      })
    },
  )
}
