import type { FakeClock } from '@shelflife/conformance'
import type { RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { Arbitrary, Scheduler } from 'fast-check'
import fc from 'fast-check'

/** Who asks: of three processes, by number. */
export const crowds: Arbitrary<{ readonly local: boolean; readonly bus: boolean; readonly callers: number[] }> =
  fc.record({
    local: fc.boolean(),
    bus: fc.boolean(),
    callers: fc.array(fc.nat({ max: 2 }), { minLength: 2, maxLength: 12 }),
  })

interface OneLoad {
  readonly clock: FakeClock
  readonly local: boolean
  readonly callers: readonly number[]
  /** A store of a process of its own, each of whose steps waits for its turn, without a budget. */
  connect(turn: (label: string) => Promise<void>): RemoteStore
}

/** All callers ask three processes for one cold key. Resolves with what they got, and how often it was loaded. */
export async function runOneLoad(scheduler: Scheduler, { clock, local, callers, connect }: OneLoad) {
  const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
  let loads = 0
  const processes = [0, 1, 2].map(() => {
    const remote = connect(turn)
    const cache = createCache({ namespace: 'one', store: local ? [memoryStore({ clock }), remote] : remote, clock })
    return cache.cached(
      async () => {
        loads++
        await turn('load')
        return 'value'
      },
      { name: 'key' },
    )
  })
  const reads = callers.map(async (process) => {
    await turn('call')
    return processes[process]?.()
  })
  const results = Promise.all(reads)
  // a wake-up that came before somebody began to wait is made up for by asking again, or by the end of the lease
  let isDone = false
  void results.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await scheduler.waitIdle()
    await new Promise(setImmediate)
    if (!isDone && scheduler.count() === 0) clock.advance(100)
  }
  return { values: new Set(await results), loads }
}
