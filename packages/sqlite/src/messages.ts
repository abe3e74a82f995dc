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
  readonly type: '' | BusMessage['type']
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

/** Messages of others, or why they cannot be had: some are gone, or those known of were never sent as far as the file knows. */
type Heard = { readonly messages: readonly BusMessage[] } | { readonly missing: 'gap' | 'lost' }

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
      const told = sql.all<Message>(
        'SELECT sender, type, names FROM messages WHERE seq > ? ORDER BY seq',
        from?.seq ?? last.seq,
      )
      const messages = told.flatMap(({ sender, type, names }) =>
        sender === self || type === '' ? [] : [{ type, names: JSON.parse(names) as string[] }],
      )
      position = last
      hasTold = false
      return missing === undefined ? { messages } : { missing }
    },

    hasTold: () => hasTold,
  }
}
