import { systemClock } from '@shelflife/core'

import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'

/** What there is to know about a client that this package made. */
export interface OwnClient {
  /** What a command waits for before the client was ready or failed for the first time; nothing is queued later. */
  beginning(): Promise<void> | undefined
  /** Why the client is not connected, such as a refused connection or a wrong password. */
  failure(): Error | undefined
  close(): void
}

const RETRY_AFTER = 500

/** Opens a client and keeps its errors from ending the process: they are given to the commands that fail. */
export function openClient(client: NodeRedisConnection | NodeRedisCluster): OwnClient {
  let begin = (): void => {}
  let failure: Error | undefined
  let isClosed = false
  let beginning: Promise<void> | undefined = new Promise((resolve) => {
    begin = () => {
      beginning = undefined
      resolve()
    }
  })

  function fail(error: Error): void {
    failure = error
    begin()
  }

  /** A client tries again by itself; a cluster gives up when no root node answers. */
  function connect(): void {
    if (isClosed) return
    client.connect().then(begin, () => systemClock.after(RETRY_AFTER, connect))
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
    beginning: () => beginning,
    failure: () => (client.isReady ? undefined : failure),
    close() {
      isClosed = true
      fail(new Error('the store was closed'))
      // not close(), which waits for a server that hangs
      client.destroy()
    },
  }
}
