import { setTimeout as sleep } from 'node:timers/promises'

import type { Race } from './race.ts'
import { ANYWHERE } from './race.ts'

const CALLERS = 10
const PAUSE = 250

/** All callers come during one load, which takes three times as long as its value is fresh. */
export const shortLifetime: Race = {
  name: 'a lifetime shorter than the load still means one load for all who wait',
  layouts: ANYWHERE,
  needs: ['flight'],
  async run({ source, start }) {
    const racer = await start({ ttl: 1000 })
    source.delay = 1.2 * CALLERS * PAUSE
    const calls: Promise<unknown>[] = []
    for (let i = 0; i < CALLERS; i++) {
      calls.push(racer.read('x'))
      await sleep(PAUSE)
    }
    await Promise.all(calls)
    return source.loads() === 1 ? undefined : `${source.loads()} loads`
  },
}
