import type { BusMessage, Clock, RemoteStore } from '@shelflife/core'

/** What the bus said to one process and when, in order. */
export interface Listening {
  readonly heard: readonly Heard[]
  /** What was said about a name. */
  messagesOn(name: string): readonly BusMessage[]
  /** The newest time up to which nothing is missing; -Infinity before the first. */
  confirmedAt(): number
  stop(): void
}

type Heard =
  | { readonly type: 'message'; readonly now: number; readonly message: BusMessage }
  | { readonly type: 'confirmed'; readonly now: number; readonly at: number }
  | { readonly type: 'gap' | 'lost'; readonly now: number }

interface Ear {
  readonly clock: Clock
  /** Absent: no messages are wanted. */
  readonly onMessage?: (listening: Listening) => void
}

function hear({ bus }: RemoteStore, { clock, onMessage }: Ear): Listening {
  const heard: Heard[] = []
  let stop: (() => void) | undefined
  const listening: Listening = {
    heard,
    messagesOn: (name) =>
      heard.flatMap((one) => (one.type === 'message' && one.message.names.includes(name) ? [one.message] : [])),
    confirmedAt: () => Math.max(-Infinity, ...heard.map((one) => (one.type === 'confirmed' ? one.at : -Infinity))),
    stop: () => stop?.(),
  }
  stop = bus?.listen({
    ...(onMessage && {
      message(message) {
        heard.push({ type: 'message', now: clock.now(), message })
        onMessage(listening)
      },
    }),
    confirmed: (at) => void heard.push({ type: 'confirmed', now: clock.now(), at }),
    gap: () => void heard.push({ type: 'gap', now: clock.now() }),
    lost: () => void heard.push({ type: 'lost', now: clock.now() }),
  })
  return listening
}

export const listenTo = (
  store: RemoteStore,
  clock: Clock,
  onMessage = (_listening: Listening): void => {},
): Listening => hear(store, { clock, onMessage })

/** Hears everything but messages. */
export const watch = (store: RemoteStore, clock: Clock): Listening => hear(store, { clock })
