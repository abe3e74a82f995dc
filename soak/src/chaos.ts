import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisServer } from '@shelflife/test-servers'
import type { Random } from './random.ts'

/** What is done to the processes and their server, and how often it was. */
export interface Chaos {
  readonly done: Readonly<Partial<Record<Damage, number>>>
  /** Goes on until `isOver`. */
  run(isOver: () => boolean): Promise<void>
}

const DAMAGES = ['kills', 'subscriber kills', 'tag ids deleted', 'fences deleted', 'logs deleted'] as const
type Damage = (typeof DAMAGES)[number]

export interface ChaosInput {
  readonly server: RedisServer
  readonly random: Random
  /** Ends a process and puts another one in its place. */
  readonly kill: () => Promise<void>
}

/**
 * From and to which pause, in milliseconds. A lost subscription or log makes a process drop all of its copies, so there
 * has to be time in between for a wrong one to be read when `maxDrift` is over.
 */
const PAUSES: Readonly<Record<Damage, readonly [number, number]>> = {
  kills: [2000, 4000],
  'subscriber kills': [500, 6000],
  'tag ids deleted': [20, 200],
  'fences deleted': [10, 50],
  'logs deleted': [1000, 10_000],
}

export function createChaos({ server, random, kill }: ChaosInput): Chaos {
  const done = Object.fromEntries(DAMAGES.map((damage) => [damage, 0])) as Record<Damage, number>

  async function remove(pattern: string): Promise<boolean> {
    const found = (await server.command('KEYS', pattern)) as string[]
    const one = found[random.whole(found.length)]
    return one !== undefined && (await server.command('UNLINK', one)) === 1
  }

  const commands: Readonly<Record<Damage, () => Promise<boolean>>> = {
    async kills() {
      await kill()
      return true
    },
    'subscriber kills': async () => Number(await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')) > 0,
    'tag ids deleted': () => remove('{shelflife}:t*'),
    'fences deleted': () => remove('shelflife:*:f'),
    'logs deleted': () => remove('{shelflife}:log'),
  }

  async function repeat(damage: Damage, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(random.between(...PAUSES[damage]))
      if (!isOver() && (await commands[damage]())) done[damage]++
    }
  }

  return {
    done,
    async run(isOver) {
      await Promise.all(DAMAGES.map((damage) => repeat(damage, isOver)))
    },
  }
}
