import type { Race } from './race.ts'
import { SHARED } from './race.ts'

const PROCESSES = 4

export const loadsOfProcesses: Race = {
  name: 'four processes that ask at once cause one load',
  layouts: SHARED,
  needs: ['lease'],
  async run({ source, start }) {
    const racers = await Promise.all(Array.from({ length: PROCESSES }, () => start()))
    source.delay = 500
    await Promise.all(racers.map((racer) => racer.read('x')))
    return source.loads() === 1 ? undefined : `${source.loads()} loads`
  },
}
