import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { ANYWHERE, SHARED } from './race.ts'
import { settled } from './settled.ts'

/** Some libraries let a write wait for the load. */
const WAIT_FOR_LOAD = 300

function setDuringLoad(name: string, layouts: Race['layouts'], processes: 1 | 2): Race {
  return {
    name,
    layouts,
    needs: ['set'],
    async run({ source, start }) {
      const reader = await start()
      const writer = processes === 1 ? reader : await start()
      source.isHeld = true
      // whether it is answered is another question
      const reading = reader.read('x').catch(() => {})
      const load = await source.held()
      source.isHeld = false
      source.value = 'new'
      const writing = writer.set('new', 'x')
      await settled(writing, WAIT_FOR_LOAD)
      load.release()
      await Promise.all([writing, reading])
      if (processes === 2) await settled()
      return differs(await reader.read('x'), 'new')
    },
  }
}

export const setDuringLoadHere = setDuringLoad('an older, slower load does not overwrite a newer `set`', ANYWHERE, 1)
export const setDuringLoadElsewhere = setDuringLoad(
  'an older, slower load does not overwrite a newer `set` by another process',
  SHARED,
  2,
)
