import { systemClock } from '@shelflife/core'
import type { OwnClient } from '@shelflife/redis'
import { createReadiness } from '@shelflife/redis'

import type { IoredisCluster, IoredisCommander } from './ioredis-connection.ts'

const isCluster = (client: IoredisCommander): client is IoredisCluster => client.isCluster

const ignore = (): void => {}

/** Before they are asked anything: each collects what it is sent until it is connected, and waits for no other. */
function connectNodes(cluster: IoredisCluster): void {
  cluster.on('+node', (node) => {
    if (cluster.status !== 'ready') return
    // after the command that it was made for, which would find it connecting
    queueMicrotask(() => {
      if (node.status === 'wait') node.connect().catch(ignore)
    })
  })
  const waiting = cluster.nodes('master').filter(({ status }) => status === 'wait')
  for (const node of waiting) node.connect().catch(ignore)
}

/** Of a Cluster, the error of the node that was asked last, which says more. */
const reasonOf = (error: Error & { readonly lastNodeError?: unknown }): Error =>
  error.lastNodeError instanceof Error ? error.lastNodeError : error

/**
 * Instead of the timer of ioredis, which starts again when the client is closed during a refresh, and keeps the process
 * alive.
 */
function refreshSlots(cluster: IoredisCluster): NodeJS.Timeout | undefined {
  const { options } = cluster
  let refreshedAt = -Infinity

  function refresh(): void {
    const now = systemClock.now()
    if (cluster.status !== 'ready' || now - refreshedAt < REFRESH_PAUSE) return
    refreshedAt = now
    cluster.refreshSlotsCache()
  }

  // a connection that has ended, be it only for want of use, is made again by nothing else
  cluster.on('-node', refresh)
  const every = options.slotsRefreshInterval
  if (!every) return undefined
  options.slotsRefreshInterval = 0
  return setInterval(refresh, every).unref()
}

/** Milliseconds between two looks where the slots are. */
const REFRESH_PAUSE = 200
/** Milliseconds until a client that has given up connects again. */
const AGAIN_AFTER = 250

/**
 * Opens a client and keeps its errors from ending the process: they are given to the commands that fail. It is there
 * until it is closed: ioredis gives up for good when a Sentinel tells of a failover while it connects.
 */
export function openClient(client: IoredisCommander): OwnClient {
  const { beginning, failure, succeed, fail } = createReadiness(() => client.status === 'ready')
  const refreshing = isCluster(client) ? refreshSlots(client) : undefined
  let isClosed = false
  let again: NodeJS.Timeout | undefined

  client.on('error', (error: Error) => fail(reasonOf(error)))
  client.on('close', () => fail(failure() ?? new Error('the connection was closed')))
  client.on('ready', () => {
    if (beginning() !== undefined && isCluster(client)) connectNodes(client)
    succeed()
  })
  client.on('end', () => {
    if (isClosed) return
    clearTimeout(again)
    again = setTimeout(() => void client.connect().catch(ignore), AGAIN_AFTER).unref()
  })
  client.connect().catch(ignore)
  return {
    beginning,
    failure,
    close() {
      fail(new Error('the store was closed'))
      isClosed = true
      clearTimeout(again)
      clearInterval(refreshing)
      // not quit(), which waits for a server that hangs
      client.disconnect()
    },
  }
}
