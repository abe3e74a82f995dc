import { denied } from './denied.ts'
import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { SHARED } from './race.ts'

export const failingStore: Race = {
  name: 'a Redis that answers every command with an error fails no read whose loader works',
  layouts: SHARED,
  needs: [],
  async run({ redis, start }) {
    const racer = await start()
    await racer.read('other')
    await denied(redis)
    for (const key of ['x', 'y']) {
      const difference = await racer.read(key).then(
        (value) => differs(value, 'old'),
        (error: Error) => `a read failed: ${error.message}`,
      )
      if (difference !== undefined) return difference
    }
    return undefined
  },
}

export const failingWrite: Race = {
  name: 'a write that Redis refuses in the background does not end the process',
  layouts: SHARED,
  needs: [],
  async run({ source, redis, start }) {
    const racer = await start({ ttl: 1000, stale: 60_000 })
    await racer.read('x')
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    source.value = 'new'
    // a refresh in the background where there is one, else a load with a write after it
    for (const key of ['x', 'y', 'x']) await racer.read(key).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 500))
    const code = racer.child.exitCode()
    if (code === undefined) return undefined
    return `the process exited with ${code}: ${racer.child
      .errors()
      .split('\n')
      .find((line) => line.includes('rror'))}`
  },
}
