import { differs } from './differs.ts'
import type { Race } from './race.ts'

export const changedValue: Race = {
  name: 'a caller who pushes into an array does not change that of the next one',
  layouts: ['local'],
  needs: [],
  async run({ source, start }) {
    source.value = ['a']
    const racer = await start()
    for (let i = 0; i < 2; i++) await racer.ask('push', 'graffiti', 'x')
    return differs(await racer.read('x'), ['a'])
  },
}
