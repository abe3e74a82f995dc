import { describe } from 'vitest'

import { describeAddresses } from './describe-addresses.ts'
import { describeAway } from './describe-away.ts'
import { describeClocks } from './describe-clocks.ts'
import { describeClusterConnections } from './describe-cluster-connections.ts'
import { describeConnections } from './describe-connections.ts'
import { describeFailover } from './describe-failover.ts'
import { describeMovingSlots } from './describe-moving-slots.ts'
import { describeResharding } from './describe-resharding.ts'
import { describeSentinel } from './describe-sentinel.ts'
import { describeSharedClient } from './describe-shared-client.ts'
import { describeSnapshots } from './describe-snapshots.ts'
import type { TopologyClients } from './topology-clients.ts'

/**
 * What fails is as large as what failed: a node, a slot, a connection, a command. Each case has servers of its own and
 * pairs of caches on every kind of client, with a local store and without, to which the same happens at the same time.
 */
export function describeTopology(name: string, clients: TopologyClients): void {
  describe(name, { timeout: 120_000 }, () => {
    describeMovingSlots(clients)
    describeAway(clients)
    describeFailover(clients)
    describeSnapshots(clients)
    describeAddresses(clients)
    describeClocks(clients)
    describeResharding(clients)
    describeSharedClient(clients)
    describeSentinel(clients)
    describeConnections(clients)
    describeClusterConnections(clients)
  })
}
