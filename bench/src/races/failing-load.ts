import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { ANYWHERE } from './race.ts'

export const failingLoad: Race = {
  name: 'an error is thrown as it is and never becomes a value',
  layouts: ANYWHERE,
  needs: [],
  async run({ source, start }) {
    const racer = await start()
    source.failure = new Error('source is down')
    for (let i = 0; i < 2; i++) {
      const outcome = await racer.read('x').then(
        (value) => `the value ${String(value)}`,
        (error: Error) => error.message,
      )
      if (outcome !== 'source is down') return differs(outcome, 'source is down')
    }
    source.failure = undefined
    return differs(await racer.read('x'), 'old')
  },
}
