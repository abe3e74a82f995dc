import type { Race } from './race.ts'

const KEYS = 200_000
const TIMERS = 100

export const unboundedMemory: Race = {
  name: 'memory is bounded unless one says otherwise: 200,000 values of 1 kB are not all kept',
  layouts: ['local'],
  needs: [],
  async run({ start }) {
    const racer = await start({ loader: 'echo' })
    const before = Number(await racer.ask('heap'))
    for (let i = 0; i < 10; i++) await racer.ask('fill', (i * KEYS) / 10, KEYS / 10)
    const megabytes = (Number(await racer.ask('heap')) - before) / 1e6
    return megabytes < 150 ? undefined : `${Math.round(megabytes)} MB kept`
  },
}

export const timerForEach: Race = {
  name: 'entries have no timer each',
  layouts: ['local'],
  needs: [],
  async run({ start }) {
    const racer = await start({ loader: 'echo', maxEntries: 5000 })
    await racer.ask('fill', 0, 2000)
    const timers = Number(await racer.ask('timers'))
    return timers < TIMERS ? undefined : `${timers} timers for 2,000 entries`
  },
}
