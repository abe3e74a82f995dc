import type { Clock } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { inOneTurn } from '@shelflife/core/protocol'

import { largestOfLate } from './largest-of-late.ts'
import type { RedisClient } from './redis-client.ts'

/** Reads several names at once, in the order asked. */
export type ReadNames = (names: readonly string[]) => Promise<readonly (Uint8Array | undefined)[]>

const MOST_NAMES = 128
/** The next ones may be larger than those of late, and an answer has to come now and then; more are hardly faster. */
const MOST_VALUES = 40
/** What one reply should hold: replies that are larger hold up those behind them, and keep much in memory at once. */
const BYTES = 65_536
/** What it should hold if all of its values were as large as the largest of late: on a slow link that is half a second. */
const MOST_BYTES = 524_288

const bytesOf = (reply: unknown): Uint8Array | undefined => (reply instanceof Uint8Array ? reply : undefined)

const isMoving = (error: unknown): boolean => error instanceof ShelflifeError && error.code === 'store-moving'

/**
 * Asks for all names in one command. While a slot is on its way its names may be on two nodes, which only answer for one at a
 * time.
 */
export async function getAll(client: Pick<RedisClient, 'send'>, names: readonly string[]): Promise<unknown> {
  try {
    return await client.send(['MGET', ...names], names[0] as string)
  } catch (error) {
    if (!isMoving(error)) throw error
    return Promise.all(names.map((name) => client.send(['GET', name], name)))
  }
}

/**
 * Everything that is asked for within one turn of the event loop goes in one MGET: at 64 concurrent reads a client
 * spends several times less on it than on 64 GETs, and what all entries of a namespace share is asked for once. On a
 * Cluster all names have to be in one slot.
 *
 * @param ask for names, with `getAll`
 * @param values of a batch in which there are some: which names are theirs. Their size, as far as it is known, says how many go in
 * one. Default: none are
 */
export function createBatch(
  ask: (names: readonly string[]) => Promise<unknown>,
  values?: { isValue(name: string): boolean; readonly clock: Clock },
): ReadNames {
  /** Bytes of a value, on average of late. */
  let usual: number | undefined
  const largest = values && largestOfLate(values.clock)
  let most = values === undefined ? MOST_NAMES : MOST_VALUES

  function learn(names: readonly string[], replies: readonly unknown[]): void {
    if (values === undefined || largest === undefined) return
    let [bytes, found] = [0, 0]
    for (const [i, reply] of replies.entries()) {
      const value = bytesOf(reply)
      if (value === undefined || !values.isValue(names[i] as string)) continue
      bytes += value.length
      largest.note(value.length)
      found++
    }
    if (found === 0) return
    usual ??= bytes / found
    usual += (bytes / found - usual) / 8
    const ofLargest = Math.max(1, Math.floor(MOST_BYTES / largest.bytes()))
    most = Math.min(MOST_VALUES, Math.ceil(BYTES / usual), ofLargest)
  }

  async function read(names: readonly string[]): Promise<readonly unknown[]> {
    const replies = await ask(names)
    if (!Array.isArray(replies)) throw new TypeError('the answer to MGET is no array')
    learn(names, replies)
    return replies
  }

  const readTogether = inOneTurn(read, () => most)

  return (names) => {
    const { answer, positions } = readTogether(names, undefined)
    return answer.then((replies) => positions.map((position) => bytesOf(replies[position])))
  }
}
