import type { Advice } from '@shelflife/core'

import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'

type Settings = IoredisConnection['options'] | NonNullable<IoredisCluster['options']['redisOptions']>

type Client = IoredisConnection & IoredisCluster

const BEYOND = 'the client goes on where the cache has given up after its budget'
const STAYING = 'the client stays with a master that becomes a replica: reconnectOnError is not set'

const of = (settings: Settings, isOffline: boolean | undefined): readonly string[] => [
  ...(isOffline === false ? [] : ['enableOfflineQueue is not false']),
  ...(settings.maxRetriesPerRequest === 0 ? [] : ['maxRetriesPerRequest is not 0']),
  ...(settings.autoResendUnfulfilledCommands === false ? [] : ['autoResendUnfulfilledCommands is not false']),
]

function collecting(client: Client, isCluster: boolean): readonly string[] {
  const { options } = client
  const settings = (isCluster ? options.redisOptions : options) ?? {}
  const found = [...of(settings, options.enableOfflineQueue)]
  if (isCluster && !options.slotsRefreshInterval) found.push('slotsRefreshInterval is not set')
  return found
}

/** What in the settings of a client that was given to the store will hurt one day. */
export function adviceOn(given: IoredisConnection | IoredisCluster, isCluster: boolean): readonly Advice[] {
  const client = given as Client
  const found = collecting(client, isCluster)
  const problems = found.length === 0 ? [] : [`${BEYOND}: ${found.join(', ')}`]
  // nodes of a Cluster say who is the master, and Sentinels close the connections of one that is none any more
  if (!isCluster && !client.options.sentinels && !client.options.reconnectOnError) problems.push(STAYING)
  return problems.map((problem) => ({ about: 'client-settings', problem }))
}
