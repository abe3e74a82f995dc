import type { RedisCluster, RedisClusterOptions } from '../start-cluster.ts'
import { startCluster } from '../start-cluster.ts'
import type { RedisServer, RedisServerOptions } from '../start-redis.ts'
import { startRedis } from '../start-redis.ts'
import type { Scene, SceneSetup } from './scene.ts'
import { play } from './scene.ts'
import type { Login, TopologyClients } from './topology-clients.ts'

interface OnCluster extends RedisClusterOptions, Omit<SceneSetup, 'clients' | 'open' | 'openThere'> {
  /** One of `acl`. Default: the user without a name. */
  readonly login?: Login
  /** Before there are clients. */
  prepare?(cluster: RedisCluster): Promise<void>
}

/** A scene on a Cluster of its own. */
export async function onCluster(
  clients: TopologyClients,
  setup: OnCluster,
  run: (scene: Scene, cluster: RedisCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startCluster(setup)
  const nodes = [...cluster.rootNodes]
  try {
    await setup.prepare?.(cluster)
    await play({ ...setup, clients, open: (kind) => kind.cluster(nodes, setup.login) }, (scene) => run(scene, cluster))
  } finally {
    await cluster.stop()
  }
}

/** Servers that end with the work on them. */
export async function onServers(
  all: readonly RedisServerOptions[],
  run: (servers: readonly RedisServer[]) => Promise<void>,
): Promise<void> {
  const servers: RedisServer[] = []
  try {
    for (const options of all) servers.push(await startRedis(options))
    await run(servers)
  } finally {
    for (const server of servers) await server.stop()
  }
}
