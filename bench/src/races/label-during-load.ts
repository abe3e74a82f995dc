import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { ANYWHERE, SHARED } from './race.ts'
import { settled } from './settled.ts'

/** Some libraries let an invalidation wait for the load. */
const WAIT_FOR_LOAD = 300

function labelDuringLoad(name: string, layouts: Race['layouts'], processes: 1 | 2): Race {
  return {
    name,
    layouts,
    needs: ['label'],
    async run({ source, start }) {
      const reader = await start({ isLabelled: true })
      const other = processes === 1 ? reader : await start({ isLabelled: true })
      source.isHeld = true
      // whether it is answered is another question
      const reading = reader.read('x').catch(() => {})
      const load = await source.held()
      source.isHeld = false
      source.value = 'new'
      const invalidating = other.invalidateLabel()
      await settled(invalidating, WAIT_FOR_LOAD)
      load.release()
      await Promise.all([invalidating, reading])
      if (processes === 2) await settled()
      return differs(await reader.read('x'), 'new')
    },
  }
}

export const labelDuringLoadHere = labelDuringLoad('a tag invalidated during a load is not lost', ANYWHERE, 1)
export const labelDuringLoadElsewhere = labelDuringLoad(
  'a tag invalidated by another process during a load is not lost',
  SHARED,
  2,
)
