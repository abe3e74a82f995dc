import type { Clock } from '@shelflife/core'
import { soon } from '@shelflife/core/protocol'
import { largestOfLate } from '@shelflife/redis'

import type { Replies } from './pipeline.ts'

export type Words = [string, ...string[]]

export interface Requests {
  /** One command in a request of its own. */
  alone(words: Words): Promise<unknown>
  /** Of each command its reply, in one request. */
  together(commands: readonly Words[]): Promise<Replies>
  /** Whether a request failed because nothing at all was heard of the service. */
  isSilence(error: unknown): boolean
  readonly clock: Pick<Clock, 'now'>
}

interface Asked {
  readonly words: Words
  readonly resolve: (reply: Promise<unknown>) => void
}

/** Requests under way at once, as many as Workers allow. What is asked while there are so many shares the next one. */
const MOST_REQUESTS = 6
/** What one request carries: commands, and characters, since the service takes 10 MB at most. */
const [MOST_COMMANDS, MOST_CHARACTERS] = [100, 1_000_000]
/** What the answer to several reads should hold: in a large one those that are small would wait for the others. */
const [MOST_NAMES, BYTES] = [128, 65_536]
/** Of a value, as long as nothing is known. */
const LIKELY = 2048

const sizeOf = ({ words }: Asked): number => words.reduce((sum, word) => sum + word.length, 0)
const isRead = (words: Words): boolean => words[0] === 'MGET'

function replyIn(replies: Replies, i: number): unknown {
  const one = replies[i]
  if (one !== undefined && 'reply' in one) return one.reply
  throw one?.error ?? new TypeError('no reply')
}

/**
 * Sends each command at once as long as few wait, and those that have to wait for a place together: reads as one read, in which
 * nothing is base64, and everything else as a pipeline.
 */
export function inFewRequests({ alone, together, isSilence, clock }: Requests): (words: Words) => Promise<unknown> {
  const reads: Asked[] = []
  const others: Asked[] = []
  let underWay = 0
  let isReadNext = true
  const largest = largestOfLate(clock)

  function learn(reply: unknown): void {
    if (!Array.isArray(reply)) return
    for (const one of reply) if (one instanceof Uint8Array) largest.note(one.length)
  }

  async function send(words: Words): Promise<unknown> {
    const reply = await alone(words)
    if (isRead(words)) learn(reply)
    return reply
  }

  async function readTogether(all: readonly Words[]): Promise<Replies> {
    const reply = await send(['MGET', ...all.flatMap(([, ...names]) => names)])
    if (!Array.isArray(reply)) throw new TypeError('the answer to MGET is no array')
    let at = 0
    return all.map(([, ...names]) => ({ reply: reply.slice(at, (at += names.length)) }))
  }

  async function sendAlone({ words, resolve }: Asked): Promise<void> {
    const reply = send(words)
    resolve(reply)
    await reply
  }

  async function sendTogether(all: readonly Asked[]): Promise<void> {
    const commands = all.map(({ words }) => words)
    const replies = commands.every(isRead) ? readTogether(commands) : together(commands)
    for (const [i, { resolve }] of all.entries()) resolve(replies.then((each) => replyIn(each, i)))
    await replies
  }

  /** How many from the front on fit into one request. */
  function fitting(all: readonly Asked[]): number {
    const mostNames = Math.min(MOST_NAMES, BYTES / (largest.bytes() || LIKELY))
    let [characters, names] = [0, 0]
    for (const [i, one] of all.entries()) {
      characters += sizeOf(one)
      if (isRead(one.words)) names += one.words.length - 1
      const isFull = i === MOST_COMMANDS || characters > MOST_CHARACTERS || names > mostNames
      if (i > 0 && isFull) return i
    }
    return all.length
  }

  function take(most: number): readonly Asked[] {
    const all = (isReadNext && reads.length > 0) || others.length === 0 ? reads : others
    isReadNext = all === others
    return all.splice(0, Math.min(most, fitting(all)))
  }

  function leave(): void {
    underWay--
    flush()
  }

  /** Those who wait for a place have given up with those who were silent for so long, and what comes now must not stand behind them. */
  function fail(error: unknown): void {
    const failed = isSilence(error) ? [...reads.splice(0), ...others.splice(0)] : []
    for (const { resolve } of failed) resolve(Promise.reject(error as Error))
    leave()
  }

  function flush(): void {
    for (;;) {
      const [waiting, places] = [reads.length + others.length, MOST_REQUESTS - underWay]
      if (waiting === 0 || places === 0) return
      // few are answered sooner side by side
      const part = take(waiting <= places ? 1 : Infinity)
      underWay++
      const [first, second] = part
      const sending = second === undefined ? sendAlone(first as Asked) : sendTogether(part)
      sending.then(leave, fail)
    }
  }

  return (words) =>
    new Promise((resolve) => {
      const all = isRead(words) ? reads : others
      all.push({ words, resolve })
      if (reads.length + others.length === 1) soon(flush)
    })
}
