import type { BusMessage } from '@shelflife/core'

/** A message on the channel. Numbers go up by one, anew for each epoch. */
export interface Numbered {
  readonly epoch: string
  readonly number: number
  /** Tells it from any other of that number. Absent in what a release without ids sends. */
  readonly id: string | undefined
  /** The id of the message before it. */
  readonly before: string | undefined
  readonly sender: string
  readonly message: BusMessage
}

const TYPES: readonly unknown[] = [
  'invalidate',
  'expire',
  'invalidateTags',
  'expireTags',
] satisfies BusMessage['type'][]
const WAKE = 'wake '

/** What follows epoch and number, which only the server knows. It adds the two ids at the end of the list. */
export const bodyOf = (sender: string, { type, names }: BusMessage): string => JSON.stringify([sender, type, names])

/** Says that a lease on a key has ended. Not numbered: a lost one costs time and nothing else. */
export const wakeUp = (key: string): string => WAKE + key

export const wokenBy = (payload: string): string | undefined =>
  payload.startsWith(WAKE) ? payload.slice(WAKE.length) : undefined

const textOrNone = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** `undefined` for what none of us sent. */
export function parseMessage(payload: string): Numbered | undefined {
  const [, epoch, number, body] = /^(\S+) (\d+) (\[.*)$/s.exec(payload) ?? []
  if (epoch === undefined || body === undefined) return undefined
  try {
    const [sender, type, names, id, before] = JSON.parse(body) as unknown[]
    const isMessage = TYPES.includes(type) && Array.isArray(names) && names.every((name) => typeof name === 'string')
    if (typeof sender !== 'string' || !isMessage || !Number.isSafeInteger(Number(number))) return undefined
    return {
      epoch,
      number: Number(number),
      id: textOrNone(id),
      before: textOrNone(before),
      sender,
      message: { type, names } as BusMessage,
    }
  } catch {
    return undefined
  }
}
