import { setTimeout as sleep } from 'node:timers/promises'

import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { COPIES, SHARED } from './race.ts'
import { LateError, within } from './within.ts'

/** A cache that makes a call five seconds slower than its load is worse than none. */
const BEARABLE = 5000

async function answered(reading: Promise<unknown>, due: unknown): Promise<string | undefined> {
  try {
    return differs(await within(BEARABLE, reading, 'a read'), due)
  } catch (error) {
    if (error instanceof LateError) return error.message
    return `a read failed: ${(error as Error).message}`
  }
}

export const stoppedRedis: Race = {
  name: 'while Redis hangs (SIGSTOP), a read is answered by the loader within 5 s',
  layouts: SHARED,
  needs: [],
  async run({ redis, start }) {
    const racer = await start()
    await racer.read('other')
    redis.pause()
    return answered(racer.read('x'), 'old')
  },
}

export const copyWhileStopped: Race = {
  name: 'while Redis hangs (SIGSTOP), a value that this process holds is still served',
  layouts: COPIES,
  needs: [],
  async run({ redis, start }) {
    const racer = await start()
    await racer.read('x')
    redis.pause()
    return answered(racer.read('x'), 'old')
  },
}

export const killedRedis: Race = {
  name: 'after Redis was killed, a read is answered by the loader within 5 s',
  layouts: SHARED,
  needs: [],
  async run({ redis, start }) {
    const racer = await start()
    await racer.read('other')
    await redis.kill()
    await sleep(100)
    return answered(racer.read('x'), 'old')
  },
}
