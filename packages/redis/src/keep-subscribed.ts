import { systemClock } from '@shelflife/core'
import type { RedisSubscribed, RedisSubscription } from './redis-client.ts'

/** One attempt at a subscription. */
export interface SubscriptionAttempt extends RedisSubscription {
  /** Whether there was none before it. */
  readonly isFirst: boolean
  /** To be called when the connection has failed, or the channel is elsewhere now. May be called again. */
  lost(): void
}

/** A connection that was made for one attempt. It gives what it hears to the attempt, and need not try again. */
export interface SubscriberConnection {
  connect(): Promise<unknown>
  subscribe(): Promise<unknown>
  ping(): Promise<unknown>
  /** Also while it is being opened. */
  close(): void
}

/** Makes a connection that has not been opened; `undefined` while it is not known where to. */
export type Dial = (
  attempt: SubscriptionAttempt,
) => SubscriberConnection | undefined | Promise<SubscriberConnection | undefined>

/** A quiet channel and a dead socket look alike, and no client looks while it expects no answer. */
const PING_EVERY = 2000
/** For each step: to connect, to subscribe, to answer a ping. */
export const ANSWER_WITHIN = 2000
const [FIRST_PAUSE, LONGEST_PAUSE] = [50, 250]
/** An event loop that was blocked runs timers before it reads what has long been there. */
const GRACE = 50

/** Keeps one subscription up until it is closed: whatever happens to a connection, another one is made. */
export function keepSubscribed(dial: Dial, subscription: RedisSubscription): RedisSubscribed {
  let connection: SubscriberConnection | undefined
  let isActive = false
  let isClosed = false
  let failures = 0
  /** Counts attempts, so that what comes late of one is recognised. */
  let attempt = 0
  let cancel = (): void => {}

  function wait(ms: number, next: () => void): void {
    cancel()
    cancel = systemClock.after(ms, next)
  }

  /** Gives a step its time. */
  const allow = (lost: () => void): void => wait(ANSWER_WITHIN, () => wait(GRACE, lost))

  function open(): void {
    const current = ++attempt
    const lost = (): void => drop(current)
    allow(lost)
    connect(current, lost).then(() => confirm(current), lost)
  }

  async function connect(current: number, lost: () => void): Promise<void> {
    const made = await dial({
      ...subscription,
      isFirst: current === 1,
      lost,
      message: (payload) => {
        if (attempt === current) subscription.message(payload)
      },
    })
    if (made === undefined) return lost()
    if (attempt !== current) return made.close()
    connection = made
    await made.connect()
    if (attempt !== current) return
    allow(lost)
    await made.subscribe()
  }

  function confirm(current: number): void {
    if (attempt !== current) return
    isActive = true
    failures = 0
    wait(PING_EVERY, () => {
      const lost = (): void => drop(current)
      allow(lost)
      connection?.ping().then(() => confirm(current), lost)
    })
  }

  /** Ends the attempt, whatever has become of it. */
  function end(): void {
    attempt++
    isActive = false
    cancel()
    const last = connection
    connection = undefined
    last?.close()
  }

  function drop(current: number): void {
    if (attempt !== current) return
    end()
    const pause = Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE)
    wait(pause * (0.5 + Math.random() / 2), () => {
      if (!isClosed) open()
    })
  }

  open()
  return {
    active: () => isActive,
    async close() {
      isClosed = true
      end()
    },
  }
}
