import { systemClock } from '@shelflife/core'
import type { OwnClient } from '@shelflife/redis'
import { createReadiness } from '@shelflife/redis'

import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'

const RETRY_AFTER = 250

/** Opens a client and keeps its errors from ending the process: they are given to the commands that fail. */
export function openClient(client: NodeRedisConnection | NodeRedisCluster): OwnClient {
  const { beginning, failure, succeed, fail } = createReadiness(() => client.isReady)
  let isClosed = false

  /** A client tries again by itself; a cluster gives up when no root node answers. */
  function connect(): void {
    if (isClosed) return
    client.connect().then(succeed, () => systemClock.after(RETRY_AFTER, connect))
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
    close() {
      isClosed = true
      fail(new Error('the store was closed'))
      // not close(), which waits for a server that hangs
      client.destroy()
    },
  }
}
