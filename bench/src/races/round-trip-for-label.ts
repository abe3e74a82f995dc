import type { RedisServer } from '@shelflife/test-servers'

import type { Race } from './race.ts'
import { COPIES } from './race.ts'

const READS = 200

async function commands(redis: RedisServer): Promise<number> {
  const [, count] = /total_commands_processed:(\d+)/.exec(String(await redis.command('INFO', 'stats'))) ?? []
  return Number(count)
}

export const roundTripForLabel: Race = {
  name: 'a hit of a tagged value in this process asks Redis nothing',
  layouts: COPIES,
  needs: ['label'],
  async run({ redis, start }) {
    const racer = await start({ isLabelled: true })
    await racer.read('x')
    const before = await commands(redis)
    for (let i = 0; i < READS; i++) await racer.read('x')
    // heartbeats, and what it takes to ask
    const asked = (await commands(redis)) - before
    return asked < READS / 2 ? undefined : `${asked} commands for ${READS} hits`
  },
}
