import type { SubscriberConnection, SubscriptionAttempt } from '@shelflife/redis'
import { ANSWER_WITHIN } from '@shelflife/redis'

import type { IoredisConnection } from './ioredis-connection.ts'

/**
 * What a connection for a subscription needs, whatever the client it is made like has. Every attempt gets a connection
 * of its own: ioredis forgets a subscription that failed before its first answer, and leaves a rejection unhandled
 * when one is lost while it subscribes again.
 */
const OPTIONS: object = {
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

/** A connection to the server of `client`, for one attempt at a subscription. */
export function subscriberConnection(
  client: IoredisConnection,
  { channel, sharded, message, lost }: SubscriptionAttempt,
): SubscriberConnection {
  const made = client.duplicate(OPTIONS)
  made.on('error', () => {})
  made.once('end', lost)
  // the slot of the channel went to another node
  made.once('moved', lost)
  made.on(sharded ? 'smessage' : 'message', (from, payload) => {
    if (from === channel) message(payload)
  })
  return {
    connect: () => made.connect(),
    subscribe: () => (sharded ? made.ssubscribe(channel) : made.subscribe(channel)),
    ping: () => made.ping(),
    close: () => made.disconnect(),
  }
}
