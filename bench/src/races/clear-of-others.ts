import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { SHARED } from './race.ts'

const OTHERS = 'another-application:1'

export const clearOfOthers: Race = {
  name: "`clear` removes its own entries, nobody else's, and does not list all keys of the server",
  layouts: SHARED,
  needs: ['clear'],
  async run({ source, redis, start }) {
    const racer = await start()
    await racer.read('x')
    await redis.command('SET', OTHERS, 'theirs')
    await redis.command('CONFIG', 'RESETSTAT')
    await racer.clear()
    const ran = String(await redis.command('INFO', 'commandstats')).match(/cmdstat_(keys|scan|flushdb|flushall)\b/g)
    if ((await redis.command('GET', OTHERS)) === null) return 'the keys of another application are gone'
    if (ran !== null) return `ran ${ran.map((name) => name.slice('cmdstat_'.length).toUpperCase()).join(', ')}`
    source.value = 'new'
    return differs(await racer.read('x'), 'new')
  },
}
