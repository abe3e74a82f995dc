import type { Names } from './names.ts'
import type { RedisClient, RedisSubscribed } from './redis-client.ts'

/** The one channel of all processes. */
export interface Channel {
  /** How messages are sent: `PUBLISH` reaches every node of a Cluster, `SPUBLISH` those of one shard. */
  command(): Promise<'PUBLISH' | 'SPUBLISH'>
  /** Starts listening, once. */
  open(message: (payload: string) => void): void
  /** Whether messages arrive, as far as the client knows. */
  active(): boolean
  close(): Promise<void>
}

export function createChannel(client: RedisClient, names: Names): Channel {
  let sharded: Promise<boolean> | undefined
  let subscribed: RedisSubscribed | undefined
  let isOpen = false

  /** Servers before 7.0 do not know it. The server decides, so that all processes decide alike. */
  async function probe(): Promise<boolean> {
    if (!client.cluster) return false
    try {
      await client.send(['SPUBLISH', names.channel, ''], names.channel)
      return true
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('ERR unknown command')) return false
      sharded = undefined
      throw error
    }
  }

  const isSharded = (): Promise<boolean> => (sharded ??= probe())

  return {
    command: async () => ((await isSharded()) ? 'SPUBLISH' : 'PUBLISH'),
    open(message) {
      if (isOpen) return
      isOpen = true
      isSharded().then(
        (answer) => {
          if (isOpen) subscribed = client.subscribe?.({ channel: names.channel, sharded: answer, message })
        },
        () => {
          isOpen = false
        },
      )
    },
    active: () => subscribed?.active() ?? false,
    async close() {
      isOpen = false
      await subscribed?.close()
    },
  }
}
