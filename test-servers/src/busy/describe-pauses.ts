import { describe, expect, test } from 'vitest'

import { INVALIDATIONS, SETS, WARM_READS } from './bursts.ts'
import type { BusySuite } from './busy-suite.ts'
import { crowd, SETTLED } from './crowd.ts'

/** Milliseconds of a pause that are ours. */
const MOST = 50
/** What a machine that others use adds to a pause comes and goes; what is ours comes each time, so one run without it will do. */
const RUNS = 10

/** Milliseconds that this thread has computed, without those of V8 beside it. */
function computed(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * The longest time in which the event loop came to nothing else, from the next turn on. What the machine gives to other
 * processes meanwhile is no pause of this one.
 */
function measurePauses(): () => number {
  let longest = 0
  let last: { readonly at: number; readonly computed: number } | undefined
  let cancel = (): void => clearImmediate(first)
  const first = setImmediate(beat)

  function look(): void {
    const now = { at: performance.now(), computed: computed() }
    const before = last ?? now
    longest = Math.max(longest, Math.min(now.at - before.at, now.computed - before.computed))
    last = now
  }

  function beat(): void {
    look()
    const timer = setTimeout(beat, 1)
    cancel = () => clearTimeout(timer)
  }

  return () => {
    cancel()
    look()
    return longest
  }
}

const listed = (pauses: readonly number[]): string => pauses.map((ms) => ms.toFixed()).join(', ')

export function describePauses(suite: BusySuite): void {
  const count = suite.sizes.pauses

  describe(`while ${count} calls at once are worked off`, () => {
    test.each([WARM_READS, SETS, INVALIDATIONS])(
      '$title stop the event loop no longer than the bare client does',
      async (burst) => {
        const namespace = burst.before === 'all' ? await suite.warm(count) : suite.namespace()
        const bare = await suite.bare(0)
        const busy = await suite.open({ namespace, roundTrip: 0 })

        async function longestPause(call: (i: number) => Promise<unknown>): Promise<number> {
          let stop = (): number => 0
          const { unsettled, rejected, queued } = await crowd(count, call, () => {
            stop = measurePauses()
          })
          const longest = stop()
          // what gives up soon does not pause for long
          expect({ unsettled, rejected, queued, loads: busy.loads }).toEqual({ ...SETTLED, loads: 0 })
          return longest
        }
        const [ours, theirs]: [number[], number[]] = [[], []]
        const ofOurs = (): number => Math.min(...ours) - Math.min(...theirs)
        while (ours.length === 0 || (ours.length < RUNS && ofOurs() >= MOST)) {
          theirs.push(await longestPause((i) => burst.bare(bare, i)))
          ours.push(await longestPause((i) => burst.call(busy, i)))
        }
        expect(
          ofOurs(),
          `the longest pauses were ${listed(ours)}, and ${listed(theirs)} ms of the bare client`,
        ).toBeLessThan(MOST)
      },
    )
  })
}
