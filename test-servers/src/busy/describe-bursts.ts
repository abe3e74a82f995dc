import { describe, expect, test } from 'vitest'

import type { Burst } from './bursts.ts'
import { BURSTS, MIXTURE, MIXTURE_BARE } from './bursts.ts'
import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import type { Crowd } from './crowd.ts'
import { crowd, inLists, range, SETTLED } from './crowd.ts'
import { until } from '../until.ts'
import { NO_TROUBLE } from './watch.ts'

const SAMPLES = 100
/** Milliseconds that a machine may do something else. */
const MOMENT = 2000
/** Whoever loaded a value need not wait until the store has it. */
const STORED = { timeout: 5000 }

const sampleOf = (count: number): number[] => range(SAMPLES).map((i) => Math.floor((i * count) / SAMPLES))
const outcomeOf = ({ unsettled, rejected, queued }: Crowd): Omit<Crowd, 'took'> => ({ unsettled, rejected, queued })

/** The second cache finds what it should in the store, soon. */
async function expectAll(what: string, ids: readonly number[], isAsItShould: (id: number) => Promise<boolean>) {
  let wrong = ids
  async function look(): Promise<boolean> {
    const still: number[] = []
    await inLists(wrong, async (id) => {
      if (!(await isAsItShould(id))) still.push(id)
    })
    wrong = still
    return wrong.length === 0
  }
  await until(what, look, STORED).catch(() => {})
  expect(wrong.length, `of ${ids.length} that are not ${what} in the store`).toBe(0)
}

export function describeBursts(suite: BusySuite): void {
  const rows = Object.entries(suite.sizes.bursts).flatMap(([roundTrip, counts]) =>
    counts.map((count) => ({ count, roundTrip: Number(roundTrip) })),
  )

  describe.each(rows)('$count at once over a round trip of $roundTrip ms:', ({ count, roundTrip }) => {
    async function bareTime(call: Burst['bare']): Promise<number> {
      const bare = await suite.bare(roundTrip)
      const { took, ...outcome } = await crowd(count, (i) => call(bare, i))
      expect(outcome, 'of the bare client').toEqual(SETTLED)
      return took
    }

    test.each(BURSTS)('$title all come to what they should, and hurt nothing else', async (burst) => {
      const { title, isLocal = false, before, call, loads = 0, after, times } = burst
      const namespace = before === 'all' ? await suite.warm(count) : suite.namespace()
      const beside = await suite.beside(namespace)
      const strangers = await suite.strangers(beside)
      const samples = sampleOf(count)
      if (before === 'sample') for (const fill of [beside.item, beside.tagged]) await inLists(samples, fill)
      const control = await bareTime(burst.bare)

      const busy = await suite.open({ namespace, roundTrip, isLocal })
      const seen = await crowd(count, (id) => call(busy, id))
      const loaded = busy.loads
      const ill = await ailment(busy)
      expect({ ...outcomeOf(seen), loads: loaded, ill, ...busy.trouble(), lost: await strangers.lost() }).toEqual({
        ...SETTLED,
        loads: loads * count,
        ill: undefined,
        ...NO_TROUBLE,
        lost: 0,
      })
      expect(await strangers.loadedBy(busy), 'strangers that had to be loaded').toBe(0)
      await expectAll(after, samples, async (id) => {
        const found = (await burst.peek(beside, id)) as { text: string } | undefined
        return after === 'gone' ? found === undefined : found?.text.startsWith(after) === true
      })
      expect(seen.took, `${title} beside ${control.toFixed()} ms of the bare client`).toBeLessThan(
        times * control + MOMENT,
      )
    })

    test('a mixture of reads, sets, invalidations and loads comes to what it should', async () => {
      const namespace = suite.namespace()
      const beside = await suite.beside(namespace)
      const strangers = await suite.strangers(beside)
      const ids = MIXTURE.map((_, part) => range(count).filter((id) => id % MIXTURE.length === part))
      const [toRead = [], toSet = [], toInvalidate = [], toUntag = [], toLoad = []] = ids
      for (const part of [toRead, toInvalidate.slice(0, SAMPLES)]) await inLists(part, beside.item)
      await inLists(toUntag.slice(0, SAMPLES), beside.tagged)
      const control = await bareTime(
        (client, id) => MIXTURE_BARE[id % MIXTURE.length]?.(client, id) ?? Promise.reject(),
      )

      const busy = await suite.open({ namespace, roundTrip })
      const seen = await crowd(count, (id) => MIXTURE[id % MIXTURE.length]?.(busy, id) ?? Promise.reject())
      const loaded = busy.loads
      const ill = await ailment(busy)
      expect({ ...outcomeOf(seen), loads: loaded, ill, ...busy.trouble(), lost: await strangers.lost() }).toEqual({
        ...SETTLED,
        loads: toLoad.length,
        ill: undefined,
        ...NO_TROUBLE,
        lost: 0,
      })
      expect(await strangers.loadedBy(busy), 'strangers that had to be loaded').toBe(0)
      await expectAll('read', toRead.slice(0, SAMPLES), async (id) => (await beside.item.peek(id)) !== undefined)
      await expectAll('set', toSet, async (id) => (await beside.item.peek(id))?.text.startsWith('set') === true)
      await expectAll('invalidated', toInvalidate, async (id) => (await beside.item.peek(id)) === undefined)
      await expectAll('invalidated by tag', toUntag, async (id) => (await beside.tagged.peek(id)) === undefined)
      await expectAll('loaded', toLoad, async (id) => (await beside.tagged.peek(id)) !== undefined)
      expect(seen.took, `a mixture beside ${control.toFixed()} ms of the bare client`).toBeLessThan(
        60 * control + MOMENT,
      )
    })
  })
}
