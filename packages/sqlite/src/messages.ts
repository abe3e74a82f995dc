import type { BusMessage } from '@shelflife/core'

import type { Sql } from './database.ts'

/** Up to where a process has heard. */
interface Position {
  readonly epoch: string
  readonly seq: number
  readonly id: string
}

interface Message {
  readonly seq: number
  readonly id: string
  readonly sender: string
  /** Empty: says nothing. */
  readonly type: string
  readonly names: string
}

/** What processes tell each other. */
export interface Messages {
  tell(message: BusMessage, now: number): void
  /** Whoever hears next begins with what is told from now on. */
  begin(): void
  /** The same for somebody who could not look: hears of a gap first. */
  forget(): void
  /** What was told since the last time. Called inside a transaction. */
  hear(): Heard
  /** Whether this process has told something since. */
  hasTold(): boolean
}

/** Messages of others, and why not all can be had: some are gone, or those known of were never sent as far as the file knows. */
interface Heard {
  readonly missing: 'gap' | 'lost' | undefined
  readonly messages: readonly BusMessage[]
}

const TYPES: readonly string[] = ['invalidate', 'expire', 'invalidateTags', 'expireTags'] satisfies BusMessage['type'][]

/** `undefined` for what none of us told. */
function parse({ type, names: text }: Message): BusMessage | undefined {
  try {
    const names = JSON.parse(text) as unknown
    const isMessage = TYPES.includes(type) && Array.isArray(names) && names.every((name) => typeof name === 'string')
    return isMessage ? ({ type, names } as BusMessage) : undefined
  } catch {
    return undefined
  }
}

export function createMessages(sql: Sql): Messages {
  const self = crypto.randomUUID()
  let position: Position | undefined
  let hasTold = false

  const epoch = (): string => sql.get<Position>('SELECT epoch FROM state')?.epoch ?? ''

  function end(): Position {
    const last = sql.get<Message>('SELECT seq, id FROM messages ORDER BY seq DESC LIMIT 1')
    return { epoch: epoch(), seq: last?.seq ?? 0, id: last?.id ?? '' }
  }

  function missingSince({ seq, id, epoch: known }: Position, last: Position): 'gap' | 'lost' | undefined {
    if (last.epoch !== known || last.seq < seq) return 'lost'
    const same = sql.get<Message>('SELECT id FROM messages WHERE seq = ?', seq)
    if (same === undefined) return 'gap'
    return same.id === id ? undefined : 'lost'
  }

  return {
    tell({ type, names }, now) {
      const into = 'INSERT INTO messages (id, sender, type, names, sent) VALUES (?, ?, ?, ?, ?)'
      sql.run(into, crypto.randomUUID(), self, type, JSON.stringify(names), now)
      hasTold = true
    },

    begin() {
      position = end()
    },

    forget() {
      position = undefined
    },

    hear() {
      const from = position
      const last = end()
      const missing = from === undefined ? 'gap' : missingSince(from, last)
      const messages = sql
        .all<Message>('SELECT sender, type, names FROM messages WHERE seq > ? ORDER BY seq', from?.seq ?? last.seq)
        .filter(({ sender, type }) => sender !== self && type !== '')
        .map(parse)
      position = last
      hasTold = false
      return {
        missing: missing ?? (messages.includes(undefined) ? 'gap' : undefined),
        messages: messages.filter((message) => message !== undefined),
      }
    },

    hasTold: () => hasTold,
  }
}
