import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { ANYWHERE } from './race.ts'
import { settled } from './settled.ts'

const TIMEOUT = 500

export const loadAfterTimeout: Race = {
  name: 'a load that ran out of time and ends later overwrites nothing',
  layouts: ANYWHERE,
  needs: ['timeout'],
  async run({ source, start }) {
    const racer = await start({ timeout: TIMEOUT })
    source.isHeld = true
    const reading = racer.read('x').catch(() => 'timed out')
    const load = await source.held()
    source.isHeld = false
    source.value = 'new'
    const first = await reading
    if (first !== 'timed out') return differs(first, 'timed out')
    const second = differs(await racer.read('x'), 'new')
    load.release()
    await settled(undefined, TIMEOUT)
    return second ?? differs(await racer.read('x'), 'new')
  },
}
