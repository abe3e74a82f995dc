import type { Bus, BusListener, Clock } from '@shelflife/core'
import type { Numbered } from './message.ts'

/** What the server says about its messages, asked at `at`. */
export interface Beat {
  readonly epoch: string
  /** Messages sent in this epoch. */
  readonly sent: number
}

export interface RedisBus extends Bus {
  /** Takes in what came over the channel; `undefined` for what cannot be read. */
  receive(received: Numbered | undefined): void
  close(): void
}

export interface RedisBusInput {
  readonly clock: Clock
  /** Asks the server. */
  beat(): Promise<Beat>
  /** Starts the subscription, if it has not been. */
  subscribe(): void
  /** How this process signs its messages. */
  sender(): string
}

const HEARTBEAT = 250
/** A question that is not answered for this long is asked again, in case the client has forgotten it. */
const PATIENCE = 1000

/**
 * Messages are numbered by the server, and a heartbeat asks how many there were: whoever has received as many has
 * missed nothing up to the question, whatever became of the subscription meanwhile. Whoever has not, and does not until
 * the next heartbeat, has missed some.
 */
export function createBus({ clock, beat, subscribe, sender }: RedisBusInput): RedisBus {
  let listener: BusListener | undefined
  let epoch: string | undefined
  let received = 0
  let owed: { readonly sent: number; readonly at: number } | undefined
  let askedAt = -Infinity
  let cancel = (): void => {}

  function lose(beat: Beat): void {
    epoch = beat.epoch
    received = beat.sent
    owed = undefined
    listener?.gap()
  }

  function judge(beat: Beat, at: number, before: number): void {
    if (epoch === undefined) {
      // what was read before, by this process or by a command that overtook the question, nothing was heard about
      lose(beat)
      subscribe()
    } else if (beat.epoch !== epoch || beat.sent < before) lose(beat)
    else if (beat.sent > received) {
      if (owed === undefined) {
        owed = { sent: beat.sent, at }
        return
      }
      lose(beat)
    }
    listener?.confirmed(at)
  }

  async function ask(): Promise<void> {
    const at = clock.now()
    if (at - askedAt < PATIENCE) return
    askedAt = at
    const [before, asker] = [received, listener]
    try {
      const answer = await beat()
      if (listener === asker) judge(answer, at, before)
    } catch {
      // the commands of the cache find out and report; here it only means that nothing is confirmed
    } finally {
      if (askedAt === at) askedAt = -Infinity
    }
  }

  function keepAsking(): void {
    void ask()
    cancel = clock.after(HEARTBEAT, keepAsking)
  }

  function stop(): void {
    cancel()
    listener = undefined
  }

  return {
    listen(heard) {
      stop()
      listener = heard
      epoch = undefined
      owed = undefined
      askedAt = -Infinity
      keepAsking()
      return () => {
        if (listener === heard) stop()
      }
    },
    receive(one) {
      if (one !== undefined && epoch !== undefined) {
        if (one.epoch !== epoch || one.number > received + 1) lose({ epoch: one.epoch, sent: one.number })
        received = Math.max(received, one.number)
        if (owed !== undefined && received >= owed.sent) {
          listener?.confirmed(owed.at)
          owed = undefined
        }
      }
      if (one !== undefined && one.sender !== sender()) listener?.message(one.message)
    },
    close: stop,
  }
}
