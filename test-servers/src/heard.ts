import type { RedisClient } from '@shelflife/redis'
import { expect, vi } from 'vitest'

import type { RedisServer } from './start-redis.ts'

/** For what takes as long as it takes. */
export const WAIT = { timeout: 15_000, interval: 20 }

export interface Heard {
  active(): boolean
  close(): Promise<void>
  /** Sends messages until one is heard: what is sent between two connections is lost. */
  again(): Promise<void>
}

export interface HeardInput {
  readonly client: RedisClient
  readonly channel: string
  readonly sharded?: boolean
  /** Where messages are sent. */
  publisher(): Promise<RedisServer> | RedisServer
}

/** A subscription that can be asked whether it works. */
export function listen({ client, channel, sharded = false, publisher }: HeardInput): Heard {
  const heard = new Set<string>()
  let count = 0
  const subscribed = client.subscribe?.({ channel, sharded, message: (payload) => heard.add(payload) })
  if (subscribed === undefined) throw new Error('this client has no subscriptions')
  return {
    active: () => subscribed.active(),
    close: () => subscribed.close(),
    async again() {
      const word = `wörd ${++count}`
      await vi.waitFor(async () => {
        const server = await publisher()
        await server.command(sharded ? 'SPUBLISH' : 'PUBLISH', channel, word)
        expect([...heard]).toContain(word)
      }, WAIT)
    },
  }
}
