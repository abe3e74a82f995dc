import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { COPIES } from './race.ts'
import type { Racer } from './racer.ts'
import { settled } from './settled.ts'

function unheldKey(name: string, need: 'invalidate' | 'clear', act: (racer: Racer) => Promise<unknown>): Race {
  return {
    name,
    layouts: COPIES,
    needs: ['bus', need],
    async run({ source, start }) {
      const holder = await start()
      const other = await start()
      await holder.read('x')
      source.value = 'new'
      await act(other)
      await settled()
      return differs(await holder.read('x'), 'new')
    },
  }
}

export const deleteOfUnheldKey = unheldKey(
  'a delete by a process that does not hold the key reaches those that do',
  'invalidate',
  (racer) => racer.invalidate('x'),
)
export const clearByAnother = unheldKey(
  'a `clear` by a process that does not hold the key reaches those that do',
  'clear',
  (racer) => racer.clear(),
)
