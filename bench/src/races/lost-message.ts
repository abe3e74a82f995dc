import { setTimeout as sleep } from 'node:timers/promises'

import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { COPIES } from './race.ts'

const CUT = 1000
const RECOVERY = 5000

export const lostMessage: Race = {
  name: 'an invalidation sent while a subscriber reconnects still reaches it',
  layouts: COPIES,
  needs: ['bus', 'invalidate'],
  async run({ source, start, proxy }) {
    const way = await proxy()
    const holder = await start({ url: way.url })
    const other = await start()
    await holder.read('x')
    way.mode = 'refuse'
    way.reset()
    source.value = 'new'
    await sleep(CUT / 2)
    await other.invalidate('x')
    await sleep(CUT / 2)
    way.mode = 'pass'
    await sleep(RECOVERY)
    return differs(await holder.read('x'), 'new')
  },
}
