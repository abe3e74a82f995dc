import type { TopologyClients, TopologyKind } from '@shelflife/test-servers/topology-clients'
import { PATIENT } from '@shelflife/test-servers/topology-clients'
import { createClient, createCluster } from 'redis'

import { nodeRedisStore } from '../../src/index.ts'

const rootNodesOf = (nodes: readonly { readonly host: string; readonly port: number }[]) =>
  nodes.map(({ host, port }) => ({ socket: { host, port } }))

const own: TopologyKind = {
  isOwn: true,
  one: (url) => ({ store: nodeRedisStore(url, PATIENT) }),
  cluster: (nodes, login) => ({
    store: nodeRedisStore({ rootNodes: rootNodesOf(nodes), defaults: { ...login } }, PATIENT),
  }),
}

const given = (options: object): TopologyKind => ({
  isOwn: false,
  async one(url) {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    return { store: nodeRedisStore(client, PATIENT), close: () => client.destroy() }
  },
  async cluster(nodes, login) {
    const cluster = createCluster({ rootNodes: rootNodesOf(nodes), defaults: { ...login }, ...options })
    cluster.on('error', () => {})
    await cluster.connect()
    return { store: nodeRedisStore(cluster, PATIENT), close: () => cluster.destroy() }
  },
})

export const clients: TopologyClients = {
  kinds: { own, given: given({}), 'given, from replicas': given({ useReplicas: true }) },
  async shared(url) {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    return {
      store: nodeRedisStore(client, PATIENT),
      multi: () => client.sendCommand(['MULTI']),
      discard: () => client.sendCommand(['DISCARD']),
      select: (database) => client.select(database),
      close: () => client.destroy(),
    }
  },
  losesWithNode: true,
  process: new URL('../children/topology-process.ts', import.meta.url),
}
