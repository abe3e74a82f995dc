import { setTimeout as sleep } from 'node:timers/promises'

import type { Arena } from './arena.ts'
import type { Race } from './race.ts'
import { UnreadyError } from './racer.ts'

const LONG_ENOUGH = 200

/** `refused`, or how many loads two reads with a pause between them took. */
async function outcome({ source, start }: Arena, ttl: number | string, pause: number): Promise<'refused' | number> {
  const before = source.loads()
  try {
    const racer = await start({ ttl })
    await racer.read('x')
    await sleep(pause)
    await racer.read('x')
  } catch (error) {
    if (error instanceof UnreadyError) throw error
    return 'refused'
  }
  return source.loads() - before
}

/** Refusing is best, not to cache is sound; to keep it for ever is neither. */
export const impossibleLifetime: Race = {
  name: 'a lifetime of 0, below 0 or NaN does not mean for ever',
  layouts: ['local'],
  needs: ['lifetime'],
  async run(arena) {
    const kept: number[] = []
    for (const ttl of [0, -1000, Number.NaN]) {
      if ((await outcome(arena, ttl, LONG_ENOUGH)) === 1) kept.push(ttl)
    }
    return kept.length === 0 ? undefined : `kept with ${kept.join(', ')}`
  },
}

/** A second and a half, less what a library takes off at random. */
export const compoundLifetime: Race = {
  name: "a lifetime of '1s500ms' is a second and a half, or refused",
  layouts: ['local'],
  needs: ['durations'],
  async run(arena) {
    const early = await outcome(arena, '1s500ms', 1150)
    if (early === 'refused') return undefined
    if (early === 2) return 'gone after 1.15 s'
    return (await outcome(arena, '1s500ms', 1700)) === 1 ? 'still there after 1.7 s' : undefined
  },
}
