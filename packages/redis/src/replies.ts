import type { Opened, RemoteRecord } from '@shelflife/core'
import type { Told } from './bus.ts'
import type { ServerClock } from './server-clock.ts'

/*
 * What a server says is not believed before it has the right form: it may be another application, or a proxy that
 * mixes up replies. Whatever has not is an error, and the cache does without the store.
 */

const HEAD = 32
const decoder = new TextDecoder()

const isQueued = (reply: unknown): boolean =>
  reply === 'QUEUED' || (reply instanceof Uint8Array && reply.length === 6 && decoder.decode(reply) === 'QUEUED')

function nonsense(command: string, reply: unknown): never {
  const why = isQueued(reply)
    ? ': the client is in a transaction of the application (MULTI); give the store one of its own'
    : ''
  throw new TypeError(`the answer to \`${command}\` makes no sense${why}`)
}

/** Text, from bytes or from a client that has made text of them. */
export function textOf(reply: unknown, command: string): string {
  if (typeof reply === 'string') return reply
  return reply instanceof Uint8Array ? decoder.decode(reply) : nonsense(command, reply)
}

/** A whole number, from a client that may leave it as text. */
export function numberOf(reply: unknown, command: string): number {
  const number = typeof reply === 'number' ? reply : Number(textOf(reply, command) || Number.NaN)
  return Number.isSafeInteger(number) ? number : nonsense(command, reply)
}

export const listOf = (reply: unknown, command: string): readonly unknown[] =>
  Array.isArray(reply) ? reply : nonsense(command, reply)

/** `undefined` where there is no digit among the first: what is under the key was not written by us. */
function digits(bytes: Uint8Array, from: number): number | undefined {
  let number = 0
  for (let i = from; i < from + 16; i++) {
    const digit = (bytes[i] as number) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    number = number * 10 + digit
  }
  return number
}

/** What has to be known of the server that has an entry. */
export interface RecordingNode {
  readonly clock: ServerClock
  /** On its clock: entries from before are not believed. */
  readonly notBefore: number
}

/** A time that no entry can be of: that of one which is not believed. */
export const NEVER: number = Infinity

/** An entry with its times on the clock of this process. Foreign bytes become a record that no envelope is found in. */
export function recordOf(bytes: Uint8Array | undefined, { clock, notBefore }: RecordingNode): RemoteRecord | undefined {
  if (bytes === undefined) return undefined
  const createdAt = bytes.length < HEAD ? undefined : digits(bytes, 0)
  const freshUntil = bytes.length < HEAD ? undefined : digits(bytes, 16)
  if (createdAt === undefined || freshUntil === undefined) return { createdAt: 0, freshUntil: 0, envelope: bytes }
  return {
    createdAt: createdAt < notBefore ? NEVER : clock.toLocal(createdAt),
    freshUntil: clock.toLocal(freshUntil),
    // not `subarray`: of a Buffer that would be a Buffer, and behave otherwise than bytes from elsewhere
    envelope: new Uint8Array(bytes.buffer, bytes.byteOffset + HEAD, bytes.length - HEAD),
  }
}

/** The answer to a script that tells the bus. */
export function toldOf(reply: unknown): Told {
  const [epoch, id, isRemembered] = listOf(reply, 'tell')
  return { epoch: textOf(epoch, 'tell'), id: textOf(id, 'tell'), remembers: numberOf(isRemembered, 'tell') !== 0 }
}

/** The answer to `open`, after the time. */
export function openedOf(state: string, detail: unknown, node: RecordingNode): Opened {
  if (state === 'granted' || state === 'failed') return { state, fence: textOf(detail, 'open') }
  if (state === 'held') return { state, retryAfter: numberOf(detail, 'open') }
  const record = detail instanceof Uint8Array ? recordOf(detail, node) : undefined
  return state === 'filled' && record !== undefined ? { state, record } : nonsense('open', state)
}
