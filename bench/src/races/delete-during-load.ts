import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { ANYWHERE, SHARED } from './race.ts'
import { settled } from './settled.ts'

/** Some libraries let a delete wait for the load; then the load has to end first. */
const WAIT_FOR_LOAD = 300

/** A read is loading the old value while somebody deletes it: what was loaded before must not be kept after. */
function deleteDuringLoad(name: string, layouts: Race['layouts'], processes: 1 | 2): Race {
  return {
    name,
    layouts,
    needs: ['invalidate'],
    async run({ source, start }) {
      const reader = await start()
      const deleter = processes === 1 ? reader : await start()
      source.isHeld = true
      // whether it is answered is another question
      const reading = reader.read('x').catch(() => {})
      const load = await source.held()
      source.isHeld = false
      source.value = 'new'
      const deleting = deleter.invalidate('x')
      await settled(deleting, WAIT_FOR_LOAD)
      load.release()
      await Promise.all([deleting, reading])
      if (processes === 2) await settled()
      return differs(await reader.read('x'), 'new')
    },
  }
}

export const deleteDuringLoadHere = deleteDuringLoad('a delete during a load is not undone by it', ANYWHERE, 1)
export const deleteDuringLoadElsewhere = deleteDuringLoad(
  'a delete by another process during a load is not undone by it',
  SHARED,
  2,
)
