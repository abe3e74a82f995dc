import { systemClock } from '@shelflife/core'
import type { RedisSubscribed, RedisSubscription } from '@shelflife/redis'

import type { IoredisConnection } from './ioredis-connection.ts'

/** Makes a connection that has not been opened; `undefined` while it is not known where to. */
export type Dial = () => IoredisConnection | undefined

/** A quiet channel and a dead socket look alike, and `socketTimeout` does not fire while no answer is expected. */
const PING_EVERY = 2000
/** For each step: to connect, to subscribe, to answer a ping. */
const ANSWER_WITHIN = 2000
const [FIRST_PAUSE, LONGEST_PAUSE] = [50, 1000]

/**
 * What a connection for a subscription needs, whatever the client it is made like has. Every attempt gets a connection
 * of its own: ioredis forgets a subscription that failed before its first answer, and leaves a rejection unhandled
 * when one is lost while it subscribes again.
 */
export const SUBSCRIBER_OPTIONS: object = {
  lazyConnect: true,
  retryStrategy: null,
  sentinelRetryStrategy: () => null,
  failoverDetector: false,
  reconnectOnError: null,
  autoResubscribe: false,
  enableOfflineQueue: false,
  // needs INFO, and a server that loads its data can already be listened to
  enableReadyCheck: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: ANSWER_WITHIN,
  commandTimeout: undefined,
  socketTimeout: undefined,
  disconnectTimeout: 500,
}

/** Keeps one subscription up until it is closed: whatever happens to a connection, another one is made. */
export function subscriber(dial: Dial, { channel, sharded, message }: RedisSubscription): RedisSubscribed {
  let connection: IoredisConnection | undefined
  let isActive = false
  let isClosed = false
  let failures = 0
  let cancel = (): void => {}

  function wait(ms: number, next: () => void): void {
    cancel()
    cancel = systemClock.after(ms, next)
  }

  function open(): void {
    const current = dial()
    if (current === undefined) return retry()
    connection = current
    const lose = (): void => drop(current)
    current.on('error', () => {})
    current.once('end', lose)
    // the slot of the channel went to another node
    current.once('moved', lose)
    current.on(sharded ? 'smessage' : 'message', (from, payload) => {
      if (connection === current && from === channel) message(payload)
    })
    wait(ANSWER_WITHIN, lose)
    connect(current).then(() => confirm(current), lose)
  }

  async function connect(current: IoredisConnection): Promise<void> {
    await current.connect()
    if (connection !== current) return
    wait(ANSWER_WITHIN, () => drop(current))
    await (sharded ? current.ssubscribe(channel) : current.subscribe(channel))
  }

  function confirm(current: IoredisConnection): void {
    if (connection !== current) return
    isActive = true
    failures = 0
    wait(PING_EVERY, () => {
      const lose = (): void => drop(current)
      wait(ANSWER_WITHIN, lose)
      current.ping().then(() => confirm(current), lose)
    })
  }

  function drop(current: IoredisConnection): void {
    if (connection !== current) return
    connection = undefined
    isActive = false
    current.disconnect()
    retry()
  }

  function retry(): void {
    if (isClosed) return
    const pause = Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE)
    wait(pause * (0.5 + Math.random() / 2), open)
  }

  open()
  return {
    active: () => isActive,
    async close() {
      isClosed = true
      cancel()
      const last = connection
      connection = undefined
      isActive = false
      last?.disconnect()
    },
  }
}
