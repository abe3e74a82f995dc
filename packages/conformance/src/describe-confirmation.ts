import { describe, expect, test } from 'vitest'

import { createBusSuite } from './bus-suite.ts'
import type { Listening } from './listen-to.ts'
import type { StoreSuite } from './store-suite.ts'

export function describeConfirmation(suite: StoreSuite): void {
  const { connect, name, time, eventually, loseBus, restoreBus } = suite
  const { clock, advance } = time
  const { listen, untilHeard, bussing } = createBusSuite(suite)

  describe('confirmation of the bus', () => {
    bussing('comes twice a second and more while nothing is lost', async (_one, other) => {
      const { confirmedAt } = await listen(other)
      const times = new Set<number>()
      for (let i = 0; i < 20; i++) {
        await advance(100)
        times.add(confirmedAt())
      }
      // a machine that is busy may leave one out
      expect(times.size).toBeGreaterThanOrEqual(4)
      await advance(1)
      const before = clock.now()
      await eventually(() => confirmedAt() > before)
    })

    bussing('never comes for a time to come', async (one, other) => {
      const { heard } = await listen(other)
      for (let i = 0; i < 10; i++) {
        await one.expire([name()])
        await advance(50)
      }
      for (const event of heard) if (event.type === 'confirmed') expect(event.at).toBeLessThanOrEqual(event.now)
    })

    bussing('comes only after everything that was sent before was heard', async (one, other) => {
      const listening = await listen(other)
      const sent: { readonly name: string; readonly at: number }[] = []
      for (let i = 0; i < 20; i++) {
        const each = name()
        await one.invalidate([each])
        sent.push({ name: each, at: clock.now() })
        await advance(30)
      }
      await eventually(() => listening.confirmedAt() > (sent.at(-1)?.at ?? 0))
      expectNothingMissing(listening, sent)
    })

    test('does not come for what was lost, unless a gap is told first', async ({ skip }) => {
      const [one, other] = [await connect(), await connect()]
      skip(one.bus === undefined, 'the store declares no bus')
      if (typeof loseBus === 'string') return skip(loseBus)
      if (loseBus === undefined || restoreBus === undefined) {
        throw new Error('a bus has to notice what it loses: give loseBus and restoreBus, or as loseBus why not')
      }
      const listening = await listen(other)
      const lost = name()
      await loseBus(other)
      await one.invalidate([lost])
      const sent = [{ name: lost, at: clock.now() }]
      await advance(1000)
      await restoreBus(other)
      await eventually(
        () => listening.confirmedAt() > clock.now() - 500 && listening.confirmedAt() > (sent[0]?.at ?? 0),
      )
      expectNothingMissing(listening, sent)
      await untilHeard(listening, one)
    })
  })
}

/** Every confirmation of a time after a message has that message, or a gap since it was sent, before it. */
function expectNothingMissing(
  { heard }: Listening,
  sent: readonly { readonly name: string; readonly at: number }[],
): void {
  for (const { name, at } of sent) {
    const known = heard.findIndex(
      (event) =>
        (event.type === 'message' && event.message.names.includes(name)) ||
        ((event.type === 'gap' || event.type === 'lost') && event.now >= at),
    )
    const confirmed = heard.findIndex((event) => event.type === 'confirmed' && event.at > at)
    expect(known).toBeGreaterThan(-1)
    if (confirmed !== -1) expect(known).toBeLessThan(confirmed)
  }
}
