import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

import type { Race } from './race.ts'
import { SHARED } from './race.ts'

const RECOVERY = 5000

/** Saying that it did not work is as good as doing it later: then the caller can do it again. */
export const deleteWhileAway: Race = {
  name: 'a delete while Redis is away is made up for, or said to have failed',
  layouts: SHARED,
  needs: ['invalidate'],
  async run({ source, start, proxy }) {
    const way = await proxy()
    const racer = await start({ url: way.url })
    await racer.read('x')
    way.mode = 'refuse'
    way.reset()
    source.value = 'new'
    const told = await racer.invalidate('x').then(
      (answer) => answer,
      () => false,
    )
    way.mode = 'pass'
    await sleep(RECOVERY)
    const value = await racer.read('x')
    if (value === 'new' || told === false) return undefined
    return `resolved with ${inspect(told)}, and the old value is back`
  },
}
