import { systemClock } from '@shelflife/core'
import type { RedisSubscribed, RedisSubscription } from '@shelflife/redis'

import type { NodeRedisConnection } from './node-redis-connection.ts'

/** Finds a client of the server to listen to. */
export type FindClient = () => Promise<NodeRedisConnection>

/** A quiet channel and a dead socket look alike. */
const PING_EVERY = 2000
/** For each step: to connect, to subscribe, to answer a ping. */
const ANSWER_WITHIN = 2000
const [FIRST_PAUSE, LONGEST_PAUSE] = [50, 1000]

/** A connection like that of `client` that fails once and for all: every attempt gets one of its own. */
function duplicate(client: NodeRedisConnection): NodeRedisConnection {
  return client.duplicate({
    socket: {
      ...client.options.socket,
      reconnectStrategy: false,
      connectTimeout: ANSWER_WITHIN,
      socketTimeout: undefined,
    },
    commandOptions: {},
    disableOfflineQueue: true,
    pingInterval: undefined,
    clientSideCache: undefined,
    emitInvalidate: false,
    maintNotifications: 'disabled',
  })
}

/** Keeps one subscription up until it is closed: whatever happens to a connection, another one is made. */
export function subscriber(find: FindClient, { channel, sharded, message }: RedisSubscription): RedisSubscribed {
  let connection: NodeRedisConnection | undefined
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

  function open(): void {
    const current = ++attempt
    const lose = (): void => drop(current)
    wait(ANSWER_WITHIN, lose)
    find()
      .then((client) => connect(client, current))
      .then(() => confirm(current), lose)
  }

  async function connect(client: NodeRedisConnection, current: number): Promise<void> {
    if (attempt !== current) return
    const made = duplicate(client)
    connection = made
    made.on('error', () => drop(current))
    // destroy() does nothing to a socket that is being opened
    made.on('connect', () => {
      if (attempt !== current) made.destroy()
    })
    made.on('sharded-channel-moved', () => drop(current))
    await made.connect()
    if (attempt !== current) return
    wait(ANSWER_WITHIN, () => drop(current))
    const listener = (payload: string): void => {
      if (attempt === current) message(payload)
    }
    await (sharded ? made.sSubscribe(channel, listener) : made.subscribe(channel, listener))
  }

  function confirm(current: number): void {
    if (attempt !== current) return
    isActive = true
    failures = 0
    wait(PING_EVERY, () => {
      const lose = (): void => drop(current)
      wait(ANSWER_WITHIN, lose)
      connection?.sendCommand(['PING'], { timeout: undefined }).then(() => confirm(current), lose)
    })
  }

  function end(): void {
    attempt++
    isActive = false
    cancel()
    const last = connection
    connection = undefined
    last?.destroy()
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
