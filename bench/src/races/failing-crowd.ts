import type { Race } from './race.ts'
import { ANYWHERE } from './race.ts'

const CALLERS = 20

export const failingCrowd: Race = {
  name: 'a failing load with 20 callers runs once, and all get its error',
  layouts: ANYWHERE,
  needs: ['flight'],
  async run({ source, start }) {
    const racer = await start()
    source.failure = new Error('source is down')
    source.delay = 50
    const calls = Array.from({ length: CALLERS }, () => racer.read('x').then(String, () => 'failed'))
    const other = (await Promise.all(calls)).find((outcome) => outcome !== 'failed')
    if (other !== undefined) return `a caller got ${other}`
    return source.loads() === 1 ? undefined : `${source.loads()} loads`
  },
}
