import { setTimeout as sleep } from 'node:timers/promises'

import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { COPIES } from './race.ts'

const LIFETIME = 2000

export const promotedLifetime: Race = {
  name: 'a copy taken from Redis keeps the rest of its lifetime, not a new one',
  layouts: COPIES,
  needs: [],
  async run({ source, start }) {
    const one = await start({ ttl: LIFETIME })
    const other = await start({ ttl: LIFETIME })
    await one.read('x')
    await sleep(0.8 * LIFETIME)
    const promoted = differs(await other.read('x'), 'old')
    source.value = 'new'
    await sleep(0.5 * LIFETIME)
    return promoted ?? differs(await other.read('x'), 'new')
  },
}
