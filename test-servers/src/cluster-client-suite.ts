import type { RedisClient } from '@shelflife/redis'

import type { Closes, GivenClient } from './redis-client-suite.ts'
import type { RedisCluster } from './start-cluster.ts'

export interface RedisClusterClientSuiteOptions {
  /** By what they are made of, clients that belong to the package. */
  readonly own: Readonly<Record<string, (cluster: RedisCluster) => RedisClient>>
  /** By what is special about them, clients that do not. */
  readonly given: Readonly<Record<string, (cluster: RedisCluster) => Promise<GivenClient>>>
  /** A client of the user that prefers replicas. */
  readonly fromReplicas: (cluster: RedisCluster) => Promise<GivenClient>
}

/** What the parts of the suite share. Everything that is made ends with the test. */
export interface RedisClusterClientSuite {
  /** By name, ways to a client for a Cluster. */
  readonly kinds: readonly string[]
  connect(kind: string, cluster: RedisCluster): Promise<RedisClient>
  closing<T extends Closes>(one: T): T
}
