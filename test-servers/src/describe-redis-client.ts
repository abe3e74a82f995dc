import { afterAll, afterEach, beforeAll, describe } from 'vitest'

import { describeCommands } from './describe-commands.ts'
import { describeFaults } from './describe-faults.ts'
import { describeSubscription } from './describe-subscription.ts'
import type { Closes, GivenClient, RedisClientSuite, RedisClientSuiteOptions } from './redis-client-suite.ts'
import type { RedisServer } from './start-redis.ts'
import { startRedis } from './start-redis.ts'

export type { GivenClient } from './redis-client-suite.ts'

const OWN = 'a client of its own'

/** Everything the store relies on in a client of one server. */
export function describeRedisClient(name: string, { own, given }: RedisClientSuiteOptions): void {
  describe(name, () => {
    const open: Closes[] = []
    let server: RedisServer
    beforeAll(async () => {
      server = await startRedis()
    })
    afterAll(() => server.stop())
    afterEach(async () => {
      for (const one of open.splice(0).toReversed()) await one.close()
    })

    function closing<T extends Closes>(one: T): T {
      open.push(one)
      return one
    }

    async function give(kind: string, url: string): Promise<GivenClient> {
      const make = given[kind]
      if (make === undefined) throw new Error(`there is no ${kind}`)
      const made = closing(await make(url))
      closing(made.client)
      return made
    }

    const suite: RedisClientSuite = {
      server: () => server,
      async start(options) {
        const started = await startRedis(options)
        open.unshift({ close: () => started.stop() })
        return started
      },
      own: (url) => closing(own(url)),
      given: give,
      kinds: [OWN, ...Object.keys(given)],
      connect: async (kind, url = server.url) => (kind === OWN ? suite.own(url) : (await give(kind, url)).client),
      closing,
    }
    describeCommands(suite)
    describeSubscription(suite)
    describeFaults(suite)
  })
}
