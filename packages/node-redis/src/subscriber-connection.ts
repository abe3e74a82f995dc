import type { SubscriberConnection, SubscriptionAttempt } from '@shelflife/redis'
import { ANSWER_WITHIN } from '@shelflife/redis'

import type { NodeRedisConnection } from './node-redis-connection.ts'

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

/** A connection to the server of `client`, for one attempt at a subscription. */
export function subscriberConnection(
  client: NodeRedisConnection,
  { channel, sharded, message, lost }: SubscriptionAttempt,
): SubscriberConnection {
  const made = duplicate(client)
  let isClosed = false

  function close(): void {
    isClosed = true
    made.destroy()
  }

  made.on('error', lost)
  // destroy() does nothing to a socket that is being opened
  made.on('connect', () => {
    if (isClosed) made.destroy()
  })
  made.on('sharded-channel-moved', lost)
  return {
    connect: () => made.connect(),
    subscribe: () => (sharded ? made.sSubscribe(channel, message) : made.subscribe(channel, message)),
    ping: () => made.sendCommand(['PING'], { timeout: undefined }),
    close,
  }
}
