import type { Bus, BusListener, BusMessage, Clock } from '@shelflife/core'

/** How often a process learns that it has missed nothing. */
const HEARTBEAT = 250

type Sent = { readonly message: BusMessage; readonly seq: number } | { readonly confirmedAt: number }

/** One process's end of the bus. Delivery is in order; losing messages shows as a gap in their numbers. */
export interface ReferenceSubscription {
  readonly bus: Bus
  receive(message: BusMessage, seq: number): void
  /** Loses everything until `reconnect`. */
  disconnect(): void
  reconnect(seq: number): void
  close(): void
}

export function createSubscription(clock: Clock, deliver: (run: () => void) => void): ReferenceSubscription {
  let listener: BusListener | undefined
  let connected = true
  let received = 0
  let cancelBeat = (): void => {}
  const underWay: Sent[] = []

  function arrive(): void {
    const sent = underWay.shift()
    if (sent === undefined || listener === undefined) return
    if ('confirmedAt' in sent) return listener.confirmed(sent.confirmedAt)
    if (sent.seq !== received + 1) listener.gap()
    received = sent.seq
    if (sent.message.names.length > 0) listener.message(sent.message)
  }

  function send(sent: Sent): void {
    if (!connected || listener === undefined) return
    underWay.push(sent)
    deliver(arrive)
  }

  function beat(): void {
    send({ confirmedAt: clock.now() })
    cancelBeat = clock.after(HEARTBEAT, beat)
  }

  function close(): void {
    cancelBeat()
    listener = undefined
  }

  return {
    bus: {
      listen(heard) {
        cancelBeat()
        listener = heard
        if (connected) heard.confirmed(clock.now())
        cancelBeat = clock.after(HEARTBEAT, beat)
        return () => {
          if (listener === heard) close()
        }
      },
    },
    receive(message, seq) {
      if (listener === undefined) received = seq
      else send({ message, seq })
    },
    disconnect() {
      connected = false
      underWay.length = 0
    },
    reconnect(seq) {
      connected = true
      received = seq
      listener?.gap()
      listener?.confirmed(clock.now())
    },
    close,
  }
}
