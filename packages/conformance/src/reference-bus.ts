import type { Bus, BusListener, BusMessage, Clock } from '@shelflife/core'

/** How often a process learns that it has missed nothing. */
const HEARTBEAT = 250

/** Where the server is: messages sent so far, and how often it has gone back to an older state. */
interface Position {
  readonly seq: number
  readonly history: number
}

type Sent = Position & ({ readonly message: BusMessage } | { readonly confirmedAt: number })

/** One process's end of the bus. Delivery is in order; losing messages shows as a gap in their numbers. */
export interface ReferenceSubscription {
  readonly bus: Bus
  receive(message: BusMessage, seq: number): void
  /** Loses everything until `reconnect`. */
  disconnect(): void
  reconnect(): void
  /** The server has gone back to this number, which the next heartbeat tells. */
  rewind(seq: number): void
  close(): void
}

export function createSubscription(clock: Clock, deliver: (run: () => void) => void): ReferenceSubscription {
  let listener: BusListener | undefined
  let connected = true
  let server: Position = { seq: 0, history: 0 }
  let heard = server
  let cancelBeat = (): void => {}
  const underWay: Sent[] = []

  function arrive(): void {
    const sent = underWay.shift()
    if (sent === undefined || listener === undefined) return
    if ('confirmedAt' in sent) {
      if (sent.history !== heard.history) listener.lost()
      heard = sent
      return listener.confirmed(sent.confirmedAt)
    }
    if (sent.history !== heard.history || sent.seq !== heard.seq + 1) listener.gap()
    heard = { ...heard, seq: sent.seq }
    if (sent.message.names.length > 0) listener.message?.(sent.message)
  }

  function send(sent: Sent): void {
    if (!connected || listener === undefined) return
    underWay.push(sent)
    deliver(arrive)
  }

  function beat(): void {
    send({ ...server, confirmedAt: clock.now() })
    cancelBeat = clock.after(HEARTBEAT, beat)
  }

  function close(): void {
    cancelBeat()
    listener = undefined
  }

  return {
    bus: {
      listen(next) {
        cancelBeat()
        listener = next
        heard = server
        if (connected) next.confirmed(clock.now())
        cancelBeat = clock.after(HEARTBEAT, beat)
        return () => {
          if (listener === next) close()
        }
      },
    },
    receive(message, seq) {
      server = { ...server, seq }
      send({ ...server, message })
    },
    disconnect() {
      connected = false
      underWay.length = 0
    },
    reconnect() {
      connected = true
      if (server.history === heard.history) listener?.gap()
      else listener?.lost()
      heard = server
      listener?.confirmed(clock.now())
    },
    rewind(seq) {
      server = { seq, history: server.history + 1 }
    },
    close,
  }
}
