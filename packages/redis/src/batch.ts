import type { RedisClient } from './redis-client.ts'

/** Reads several names at once, in the order asked. */
export type ReadNames = (names: readonly string[]) => Promise<readonly (Uint8Array | undefined)[]>

interface Batch {
  readonly positions: Map<string, number>
  readonly replies: Promise<readonly unknown[]>
  send(): void
}

const MOST_NAMES = 128
/** What one reply should hold: replies that are larger hold up those behind them, and keep much in memory at once. */
const BYTES = 65_536

type NextTick = (run: () => void) => void
const { process: host } = globalThis as { process?: { nextTick?: NextTick } }
/** When everything that is ready to run now has run. */
const soon: NextTick = host?.nextTick ?? queueMicrotask

const bytesOf = (reply: unknown): Uint8Array | undefined => (reply instanceof Uint8Array ? reply : undefined)

/**
 * Everything that is asked for within one turn of the event loop goes in one MGET: at 64 concurrent reads a client
 * spends several times less on it than on 64 GETs, and what all entries of a namespace share is asked for once. All
 * names have to be in one slot; `routing` is one of that slot.
 */
export function createBatch(client: RedisClient, routing?: string): ReadNames {
  let batch: Batch | undefined
  /** Bytes of a value, on average of late. */
  let usual = 0
  let most = MOST_NAMES

  function learn(replies: readonly unknown[]): void {
    let bytes = 0
    for (const reply of replies) bytes += bytesOf(reply)?.length ?? 0
    usual += (bytes / replies.length - usual) / 8
    most = Math.min(MOST_NAMES, Math.ceil(BYTES / usual))
  }

  async function read(names: readonly string[]): Promise<readonly unknown[]> {
    const replies = await client.send(['MGET', ...names], routing ?? (names[0] as string))
    if (!Array.isArray(replies)) throw new TypeError('the answer to MGET is no array')
    learn(replies)
    return replies
  }

  function open(): Batch {
    const positions = new Map<string, number>()
    let send = (): void => {}
    const replies = new Promise<readonly unknown[]>((resolve) => {
      send = () => {
        if (batch?.positions === positions) batch = undefined
        send = () => {}
        resolve(read([...positions.keys()]))
      }
    })
    soon(() => send())
    return { positions, replies, send: () => send() }
  }

  return async (names) => {
    if (names.length === 0) return []
    batch ??= open()
    const { positions, replies, send } = batch
    const asked = names.map((name) => {
      const position = positions.get(name) ?? positions.size
      positions.set(name, position)
      return position
    })
    if (positions.size >= most) send()
    const all = await replies
    return asked.map((position) => bytesOf(all[position]))
  }
}
