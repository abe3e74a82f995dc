import { setTimeout as sleep } from 'node:timers/promises'

import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { ANYWHERE, SHARED } from './race.ts'
import { settled } from './settled.ts'

const TRIES = 200

export const labelTwiceInARow: Race = {
  name: 'a tag invalidated twice within a millisecond is invalidated twice',
  layouts: ANYWHERE,
  needs: ['label'],
  async run({ source, start }) {
    const racer = await start({ isLabelled: true })
    let lost = 0
    for (let i = 0; i < TRIES; i++) {
      source.value = `${i} before`
      await racer.invalidateLabel()
      await racer.read('x')
      source.value = `${i} after`
      await racer.invalidateLabel()
      if ((await racer.read('x')) !== source.value) lost++
    }
    return lost === 0 ? undefined : `${lost} of ${TRIES} were lost`
  },
}

/** Each way. */
const DELAY = 100

/** Who reads a count, adds one and writes it back, writes a count that others have passed meanwhile. */
export const labelTwiceAtOnce: Race = {
  name: 'a slow invalidation of a tag does not undo a newer one by another process',
  layouts: SHARED,
  needs: ['label'],
  async run({ source, start, proxy }) {
    const way = await proxy()
    const slow = await start({ isLabelled: true, url: way.url })
    const fast = await start({ isLabelled: true })
    await fast.read('x')
    way.delay = DELAY
    const first = slow.invalidateLabel()
    await sleep(1.5 * DELAY)
    await fast.invalidateLabel()
    await fast.read('x')
    source.value = 'new'
    await fast.invalidateLabel()
    await first
    await settled()
    return differs(await fast.read('x'), 'new')
  },
}
