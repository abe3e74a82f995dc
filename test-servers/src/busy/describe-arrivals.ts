import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { until } from '../until.ts'
import { arriving } from './arriving.ts'
import type { Arrivals } from './busy-sizes.ts'
import type { BusyCache } from './busy-cache.ts'
import type { BusySuite, Opened, Strangers } from './busy-suite.ts'
import { isUp, missing } from './busy-suite.ts'
import { block, inLists, isQueued, range } from './crowd.ts'
import { NO_TROUBLE } from './watch.ts'

/** Milliseconds. */
const [BEFORE, STALL, DOWN, SECOND, LOOK] = [500, 900, 2000, 1000, 50]
/** The client tries to connect and the breaker probes now and then. */
const ANSWERS_AGAIN = { timeout: 8000 }
/** Invalidated while the store is away, beside what arrives; in the store before. */
const OWED = range(50, 2_000_000)
const STRANGERS_READ = 5

interface Call {
  readonly at: number
  outcome: 'waiting' | 'done' | 'queued' | 'rejected'
}

/** Invalidations at a rate, and what became of each. */
function invalidating(busy: Opened, { rate, names }: Arrivals) {
  const calls: Call[] = []
  const flow = arriving(rate, async (i) => {
    const call: Call = { at: performance.now(), outcome: 'waiting' }
    calls.push(call)
    try {
      const result = await busy.item.invalidate(names === Infinity ? i : i % names)
      call.outcome = isQueued(result) ? 'queued' : 'done'
    } catch {
      call.outcome = 'rejected'
    }
  })
  return {
    stop: flow.stop,
    /** How many of those made between two times came to something else than `done`. */
    undone: (from = -Infinity, to = Infinity): number =>
      calls.filter(({ at, outcome }) => at >= from && at < to && outcome !== 'done').length,
    isDoneSince: (from: number): boolean => calls.some(({ at, outcome }) => at >= from && outcome === 'done'),
    queued: (from: number): number => calls.filter(({ at, outcome }) => at >= from && outcome === 'queued').length,
  }
}

const readSome = (busy: Opened, { ids }: Strangers): Promise<unknown> =>
  Promise.all(ids.slice(0, STRANGERS_READ).map((id) => busy.item(id)))

/** For a second of the load, how often it is not as with a store that is well. */
async function unwell(busy: Opened, strangers: Strangers) {
  const seen = { looksNotUp: 0, refused: 0, loads: -busy.loads }
  const end = performance.now() + SECOND
  while (performance.now() < end) {
    if (!isUp(busy)) seen.looksNotUp++
    await busy.cache.invalidate('flag', { require: 'remote' }).catch(() => seen.refused++)
    await readSome(busy, strangers)
    await sleep(LOOK)
  }
  seen.loads += busy.loads
  return seen
}

const WELL = { looksNotUp: 0, refused: 0, loads: 0 }

const titleOf = ({ rate, roundTrip, names }: Arrivals): string => {
  const about = names === 1 ? 'one hot name' : names === Infinity ? 'names that are all different' : `${names} names`
  return `${rate} invalidations a second of ${about}, over a round trip of ${roundTrip} ms`
}

interface Begun {
  readonly beside: BusyCache
  readonly strangers: Strangers
  readonly busy: Opened
  readonly flow: ReturnType<typeof invalidating>
}

export function describeArrivals(suite: BusySuite): void {
  const titled = (all: readonly Arrivals[]) => all.map((arrivals) => ({ title: titleOf(arrivals), arrivals }))

  async function begin(arrivals: Arrivals): Promise<Begun> {
    const namespace = suite.namespace()
    const beside = await suite.beside(namespace)
    const strangers = await suite.strangers(beside)
    await inLists(OWED, beside.item)
    const busy = await suite.open({ namespace, roundTrip: arrivals.roundTrip })
    const flow = invalidating(busy, arrivals)
    await sleep(BEFORE)
    return { beside, strangers, busy, flow }
  }

  test.each(titled(suite.sizes.arrivals))(
    '$title, are all done when the event loop stood still for a moment, and stay so',
    async ({ arrivals }) => {
      const { strangers, busy, flow } = await begin(arrivals)
      block(STALL)
      const stoodAt = performance.now()
      await sleep(SECOND)
      const seen = await unwell(busy, strangers)
      await flow.stop()
      expect({
        ...seen,
        undoneBefore: flow.undone(-Infinity, stoodAt),
        undone: flow.undone(stoodAt),
        ...busy.trouble(),
        lost: await strangers.lost(),
      }).toEqual({ ...WELL, undoneBefore: 0, undone: 0, ...NO_TROUBLE, lost: 0 })
    },
  )

  /** When the store has answered for a second, and for another one. */
  async function expectWell({ beside, strangers, busy, flow }: Begun, backAt: number): Promise<void> {
    await until('the store answers again', async () => answers(busy) || flow.isDoneSince(backAt), ANSWERS_AGAIN)
    const answeredAt = performance.now()
    await sleep(SECOND)
    const { overflows } = busy.trouble()
    // those nobody touched are loaded once where more was owed than is kept
    if (overflows > 0) await readSome(busy, strangers)
    const seen = await unwell(busy, strangers)
    await flow.stop()
    const { unhandled, overflows: all } = busy.trouble()
    expect({
      ...seen,
      undone: flow.undone(answeredAt + SECOND),
      overflows: all - overflows,
      unhandled,
      lost: overflows === 0 ? await strangers.lost() : 0,
      stillThere: OWED.length - (await missing(OWED, beside.item.peek)),
    }).toEqual({ ...WELL, undone: 0, overflows: 0, unhandled: [], lost: 0, stillThere: 0 })
  }

  test.each(titled(suite.sizes.cuts))(
    '$title, are queued while the link is down, done a second after the store answers again, and stay so',
    async ({ arrivals }) => {
      const begun = await begin(arrivals)
      const { busy, flow } = begun
      const link = await suite.link(arrivals.roundTrip)
      await link.cut()
      const cutAt = performance.now()
      const owed = Promise.all(OWED.map((id) => busy.item.invalidate(id)))
      await sleep(DOWN)
      const queuedWhileDown = flow.queued(cutAt)
      await link.restore()
      const restoredAt = performance.now()
      expect((await owed).every(isQueued), 'what is invalidated while the link is down is queued').toBe(true)
      expect(queuedWhileDown, 'queued while the link is down').toBeGreaterThan(0)
      await expectWell(begun, restoredAt)
    },
  )

  test.each(titled(suite.sizes.cuts))(
    '$title, are done a second after a link that stood still for a moment, and stay so',
    async ({ arrivals }) => {
      const begun = await begin(arrivals)
      const link = await suite.link(arrivals.roundTrip)
      link.pause()
      const owed = Promise.all(OWED.map((id) => begun.busy.item.invalidate(id)))
      await sleep(STALL)
      link.resume()
      const resumedAt = performance.now()
      await owed
      await expectWell(begun, resumedAt)
    },
  )
}

const answers = (busy: Opened): boolean => busy.trouble().breaker.at(-1) === 'closed'
