import type { Clock } from '@shelflife/core'

import type { Beat } from './bus.ts'
import type { Names } from './names.ts'
import { newId } from './new-id.ts'
import type { RedisClient } from './redis-client.ts'
import { listOf, numberOf, textOf } from './replies.ts'
import { createRunScript } from './run-scripts.ts'
import type { Script } from './script.ts'
import type { ServerClock } from './server-clock.ts'
import { createServerClock } from './server-clock.ts'
import { BEAT } from './shared-scripts.ts'

type Keys = readonly [string, ...string[]]
type Args = readonly (string | number | Uint8Array)[]

/** Redis as the store sees it: scripts, and one clock. */
export interface Server {
  readonly clock: ServerClock
  run(script: Script, keys: Keys, args: Args): Promise<unknown>
  /** A script whose answer starts with the time of the server; gives the rest. */
  runTimed(script: Script, keys: Keys, args: Args): Promise<readonly unknown[]>
  /** What the server says about its messages, one of which has the id `known` unless that is empty. */
  beat(known?: string): Promise<Beat>
  /** Resolves when times can be translated. Asks anew now and then, without anybody waiting for it. */
  inTime(): Promise<void> | undefined
}

/** Where requests live apart, one that is ended never hears the answer, and the others must not wait for it. */
const PATIENCE = 1000

export function createServer(client: RedisClient, names: Names, own: Clock): Server {
  const run = createRunScript(client)
  const clock = createServerClock()
  let asking: Promise<unknown> | undefined
  let askedAt = -Infinity

  async function runTimed(script: Script, keys: Keys, args: Args): Promise<readonly unknown[]> {
    const sentAt = own.now()
    const [now, ...rest] = listOf(await run(script, keys, args), 'script')
    clock.learn(numberOf(now, 'script'), sentAt, own.now())
    return rest
  }

  async function beat(known = ''): Promise<Beat> {
    const [epoch, sent, last, isRemembered] = await runTimed(BEAT, [names.log], [newId(), known])
    return {
      epoch: textOf(epoch, 'beat'),
      sent: numberOf(sent, 'beat'),
      last: textOf(last, 'beat'),
      remembers: numberOf(isRemembered, 'beat') !== 0,
    }
  }

  function ask(): Promise<unknown> {
    const at = own.now()
    if (asking !== undefined && at - askedAt < PATIENCE) return asking
    askedAt = at
    const asked = beat().finally(() => {
      if (asking === asked) asking = undefined
    })
    asking = asked
    return asked
  }

  return {
    clock,
    run,
    runTimed,
    beat,
    inTime() {
      if (!clock.isKnown()) return ask().then(() => {})
      // an error shows at whatever is asked next
      if (clock.isDue(own.now())) void ask().catch(() => {})
      return undefined
    },
  }
}
