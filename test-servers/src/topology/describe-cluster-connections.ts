import { setTimeout as sleep } from 'node:timers/promises'

import type { FaultProxy } from '@shelflife/conformance/faults'
import { Redis } from 'ioredis'
import type { ExpectStatic } from 'vitest'
import { test } from 'vitest'

import { behindProxy } from '../behind-proxy.ts'
import type { SlotMap } from '../slot-map.ts'
import { entryName, slotMap, TAGS } from '../slot-map.ts'
import type { RedisCluster } from '../start-cluster.ts'
import type { RedisServer } from '../start-redis.ts'
import { onCluster } from './on-servers.ts'
import { changeSome, HALF_OPEN, judge, SOON } from './scene.ts'
import type { TopologyClients } from './topology-clients.ts'

/** One node of a Cluster, which clients reach through a proxy. */
interface Place {
  readonly node: RedisServer
  readonly proxy: FaultProxy
  readonly ownerOf: SlotMap
}

interface Trouble {
  readonly title: string
  /** Milliseconds. */
  readonly lasts: number
  /** Resolves when it has happened, with its end. */
  begin(place: Place): Promise<() => unknown>
}

const LASTS = 2000
const MOST_CLIENTS = 10_000
/** For clients of a Cluster to find a node again that they had given up, after the pauses that they make. */
const CONNECTED = 3 * SOON
/** Its tag is invalidated. */
const TAGGED = 1

/** Nobody who is not connected already is let in any more. */
async function letNobodyIn({ host, port }: RedisServer): Promise<() => Promise<void>> {
  const admin = new Redis({ host, port })
  await admin.config('SET', 'maxclients', 1)
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  return async () => {
    await admin.config('SET', 'maxclients', MOST_CLIENTS)
    admin.disconnect()
  }
}

const TROUBLES: readonly Trouble[] = [
  {
    title: 'sockets that are half open',
    lasts: HALF_OPEN,
    async begin({ proxy }) {
      proxy.mode = 'blackhole'
      return () => {
        proxy.mode = 'pass'
        // of a connection that was made meanwhile the server knows nothing
        proxy.reset()
      }
    },
  },
  { title: '`maxclients` reached', lasts: LASTS, begin: ({ node }) => letNobodyIn(node) },
]
const CASES = TROUBLES.flatMap((trouble) => [
  { ...trouble, where: 'at a node with entries alone', hasTags: false },
  { ...trouble, where: 'at the node with the tags', hasTags: true },
])

async function placeIn(cluster: RedisCluster, hasTags: boolean): Promise<Place> {
  const ownerOf = await slotMap(cluster)
  const node = cluster.nodes.find((one) => (one === ownerOf(TAGS)) === hasTags)
  if (node === undefined) throw new Error('there is no such node')
  return { node, proxy: await behindProxy(cluster, node), ownerOf }
}

interface Case extends Trouble {
  readonly hasTags: boolean
  readonly expect: ExpectStatic
}

async function onNode(clients: TopologyClients, { hasTags, lasts, begin, expect }: Case): Promise<void> {
  let place: Place | undefined
  const prepare = async (cluster: RedisCluster): Promise<void> => {
    place = await placeIn(cluster, hasTags)
  }
  try {
    await onCluster(clients, { prepare }, async (scene) => {
      if (place === undefined) throw new Error('there is no place')
      const { node, ownerOf } = place
      const stop = scene.readAll()
      const end = await begin(place)
      const over = sleep(lasts)
      await scene.each(async ({ ids, here, there, title }) => {
        const ofNode = ids.find((id) => ownerOf(entryName(here.key(id))) === node) ?? 0
        const outcomes = await Promise.all([here.invalidate(ofNode), there.invalidateTags([TAGGED])])
        expect.soft(outcomes, `${title}: of the node, and a tag`).toEqual(['queued', hasTags ? 'queued' : 'done'])
      })
      await over
      await end()
      await judge(scene, {
        expect,
        within: CONNECTED,
        untouched({ ids, here }) {
          return hasTags ? [] : ids.filter((id) => id !== TAGGED && ownerOf(entryName(here.key(id))) !== node)
        },
      })
      await stop()
    })
  } finally {
    await place?.proxy.stop()
  }
}

export function describeClusterConnections(clients: TopologyClients): void {
  test.concurrent.for(CASES)(
    '$title $where: nothing is old or loaded from other nodes, and all is well soon after the end',
    async (one, { expect }) => onNode(clients, { ...one, expect }),
  )

  test.concurrent('a password changed and changed back on all nodes of a Cluster: nothing is old, and all is well soon', async ({
    expect,
  }) => {
    const setup = { acl: ['app on >first ~* &* +@all'], login: { username: 'app', password: 'first' } }
    await onCluster(clients, setup, async (scene, { nodes }) => {
      const stop = scene.readAll()
      for (const node of nodes) await node.command('ACL', 'SETUSER', 'app', 'resetpass', '>second')
      for (const node of nodes) await node.command('CLIENT', 'KILL', 'USER', 'app')
      await changeSome(scene)
      await sleep(LASTS)
      for (const node of nodes) await node.command('ACL', 'SETUSER', 'app', '>first')
      await judge(scene, { expect })
      await stop()
    })
  })

  test.concurrent('nodes that end idle connections: nothing is old, queued or loaded', async ({ expect }) => {
    await onCluster(clients, {}, async (scene, cluster) => {
      for (const node of cluster.nodes) await node.command('CONFIG', 'SET', 'timeout', 3)
      await sleep(4 * LASTS)
      await scene.each(async ({ here, there, ids, title }) => {
        for (const party of [here, there]) await Promise.all(ids.map(party.read))
        expect.soft(await here.invalidate(0), title).toBe('done')
        expect.soft(await there.invalidateTags([1]), title).toBe('done')
      })
      await judge(scene, { expect, untouched: ({ ids }) => ids.slice(2) })
    })
  })
}
