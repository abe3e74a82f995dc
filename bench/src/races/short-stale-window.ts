import { setTimeout as sleep } from 'node:timers/promises'

import type { Race } from './race.ts'
import { ANYWHERE } from './race.ts'

export const shortStaleWindow: Race = {
  name: 'a stale window shorter than the lifetime does not shorten the lifetime',
  layouts: ANYWHERE,
  needs: ['stale'],
  async run({ source, start }) {
    const racer = await start({ ttl: 4000, stale: 2000 })
    await racer.read('x')
    await sleep(2500)
    await racer.read('x')
    // a refresh in the background would be a load too
    await sleep(100)
    return source.loads() === 1 ? undefined : 'loaded again after 2.5 s of 4 s'
  },
}
