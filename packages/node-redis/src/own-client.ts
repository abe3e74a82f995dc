import { systemClock } from '@shelflife/core'
import type { OwnClient } from '@shelflife/redis'
import { createReadiness } from '@shelflife/redis'

import { hangsAfter } from './connect.ts'
import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'

const RETRY_AFTER = 250
const LEAVE_EVERY = 500

const isReadOnly = (error: unknown): boolean => error instanceof Error && error.message.startsWith('READONLY')

const ignore = (): void => {}

export interface OwnNodeRedis extends OwnClient {
  /** To be called with the errors of commands. */
  refused(connection: NodeRedisConnection, error: unknown): void
  /** To be called while a connection owes an answer, with how long it has given none. */
  unanswered(connection: NodeRedisConnection, ms: number): void
}

/** What is destroyed while it connects may be connected in the end, and keep the process (node-redis 6.3). */
async function open(client: NodeRedisConnection | NodeRedisCluster): Promise<void> {
  await client.connect()
  if (!client.isOpen) client.destroy()
}

/** Opens a client and keeps its errors from ending the process: they are given to the commands that fail. */
export function openClient(client: NodeRedisConnection | NodeRedisCluster, answerWithin: number): OwnNodeRedis {
  const { beginning, failure, succeed, fail } = createReadiness(() => client.isReady)
  let isClosed = false
  let leftAt = -Infinity

  /** A client tries again by itself; a cluster gives up when no root node answers. */
  function connect(): void {
    if (isClosed) return
    open(client).then(succeed, () => systemClock.after(RETRY_AFTER, connect))
  }

  /** The next connection may find somebody else. Once, however many commands say so. */
  function leave(connection: NodeRedisConnection): void {
    const now = systemClock.now()
    if (isClosed || now - leftAt < LEAVE_EVERY) return
    leftAt = now
    connection.destroy()
    if (connection === client) connect()
    else open(connection).catch(ignore)
  }

  // without a listener an error ends the process
  client.on('error', (error: Error) => {
    if (!isClosed) fail(error)
  })
  // destroy() does nothing to a socket that is being opened
  client.on('connect', () => {
    if (isClosed) client.destroy()
  })
  connect()
  return {
    beginning,
    failure,
    refused(connection, error) {
      // a master that has become a replica
      if (isReadOnly(error)) leave(connection)
    },
    unanswered(connection, ms) {
      // one that is being opened has a time-out of its own
      if (connection.isReady && ms >= hangsAfter(answerWithin)) leave(connection)
    },
    close() {
      isClosed = true
      fail(new Error('the store was closed'))
      // not close(), which waits for a server that hangs
      client.destroy()
    },
  }
}
