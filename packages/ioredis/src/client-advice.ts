import type { Advice } from '@shelflife/core'

import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'

type Settings = IoredisConnection['options'] | NonNullable<IoredisCluster['options']['redisOptions']>

const of = (settings: Settings, isOffline: boolean | undefined): readonly string[] => [
  ...(isOffline === false ? [] : ['enableOfflineQueue is not false']),
  ...(settings.maxRetriesPerRequest === 0 ? [] : ['maxRetriesPerRequest is not 0']),
  ...(settings.autoResendUnfulfilledCommands === false ? [] : ['autoResendUnfulfilledCommands is not false']),
]

/** What in the settings of a client that was given to the store makes it collect and repeat commands. */
export function adviceOn(client: IoredisConnection | IoredisCluster, isCluster: boolean): readonly Advice[] {
  const { options } = client as IoredisConnection & IoredisCluster
  const settings = (isCluster ? options.redisOptions : options) ?? {}
  const found = [...of(settings, options.enableOfflineQueue)]
  if (isCluster && !options.slotsRefreshInterval) found.push('slotsRefreshInterval is not set')
  if (found.length === 0) return []
  const problem = `the client goes on where the cache has given up after its budget: ${found.join(', ')}`
  return [{ about: 'client-settings', problem }]
}
