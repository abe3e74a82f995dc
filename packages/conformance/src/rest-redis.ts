import { Redis } from 'ioredis'

import type { RestReply } from './rest-reply.ts'
import type { RestCommand } from './rest-request.ts'

/** The server behind the front. */
export interface RestRedis {
  /** One after the other; what fails is an `Error` among the replies. */
  run(commands: readonly RestCommand[]): Promise<readonly RestReply[]>
  /** All at once or, when the server refuses one of them, none: one `Error`. */
  transact(commands: readonly RestCommand[]): Promise<readonly RestReply[] | Error>
  /** Hears a channel, or channels by a pattern, until what it returns is called. */
  subscribe(
    kind: 'subscribe' | 'psubscribe',
    name: string,
    heard: (fields: readonly string[]) => void,
  ): Promise<() => void>
  stop(): void
}

const asReply = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** In capitals, so that ioredis does not change the reply; `callBuffer` leaves strings as bytes. */
const send = (redis: Redis, [name, ...args]: RestCommand): Promise<RestReply> =>
  (redis.callBuffer(name, args) as Promise<RestReply>).catch(asReply)

export function connectRestRedis(url: string): RestRedis {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => 50 })
  const others = new Set<Redis>()
  redis.on('error', () => {})

  function duplicate(): Redis {
    const other = redis.duplicate()
    other.on('error', () => {})
    others.add(other)
    return other
  }

  function end(other: Redis): void {
    others.delete(other)
    other.disconnect()
  }

  return {
    // sent in this order on one connection, as the service carries out a pipeline
    run: (commands) => Promise.all(commands.map((command) => send(redis, command))),

    async transact(commands) {
      const own = duplicate()
      try {
        void send(own, ['MULTI'])
        for (const command of commands) void send(own, command)
        const reply = await send(own, ['EXEC'])
        return reply instanceof Error || !Array.isArray(reply) ? asReply(reply) : reply
      } finally {
        end(own)
      }
    },

    async subscribe(kind, name, heard) {
      const own = duplicate()
      own.on('message', (channel: string, message: string) => heard(['message', channel, message]))
      own.on('pmessage', (pattern: string, channel: string, message: string) =>
        heard(['pmessage', pattern, channel, message]),
      )
      const count = kind === 'subscribe' ? await own.subscribe(name) : await own.psubscribe(name)
      heard([kind, name, String(count)])
      return () => end(own)
    },

    stop() {
      redis.disconnect()
      for (const other of others) end(other)
    },
  }
}
