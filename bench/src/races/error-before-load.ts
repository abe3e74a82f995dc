import { setTimeout as sleep } from 'node:timers/promises'

import { denied } from './denied.ts'
import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { SHARED } from './race.ts'

const RECOVERY = 3000

export const errorBeforeLoad: Race = {
  name: 'a store that failed during a read leaves no key locked',
  layouts: SHARED,
  needs: [],
  async run({ source, redis, start }) {
    const racer = await start()
    await racer.read('other')
    const allow = await denied(redis)
    // whether this one is answered is another race
    await racer.read('x').catch(() => {})
    await allow()
    await sleep(RECOVERY)
    source.value = 'new'
    return differs(await racer.read('y'), 'new') ?? differs((await racer.read('x')) === undefined, false)
  },
}
