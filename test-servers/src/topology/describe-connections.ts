import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy } from '@shelflife/conformance/faults'
import { test } from 'vitest'

import type { RedisServer, RedisServerOptions } from '../start-redis.ts'
import { onCluster, onServers } from './on-servers.ts'
import type { Scene } from './scene.ts'
import { judge, play } from './scene.ts'
import type { TopologyClients } from './topology-clients.ts'

interface Trouble {
  readonly title: string
  readonly server?: RedisServerOptions
  /** Of the user, in the URL. */
  readonly login?: string
  /** Clients of the user have to be told by their own settings. Default: all. */
  readonly isForOwn?: boolean
  happen(at: { readonly server: RedisServer; readonly proxy: FaultProxy }): Promise<void>
}

const LASTS = 1500
/** Longer than a client of the store believes in one. */
const HALF_OPEN = 7000
const MOST_CLIENTS = 100

/** Takes every connection that the server has to give, as long as it lasts. */
async function takeAll(server: RedisServer, ms: number, meanwhile: () => void): Promise<void> {
  const taken: Socket[] = []
  const take = (): void => {
    const socket = connect({ host: server.host, port: server.port })
    socket.on('error', () => {})
    taken.push(socket)
  }
  for (let n = 0; n < MOST_CLIENTS; n++) take()
  const taking = setInterval(take, 20)
  meanwhile()
  await sleep(ms)
  clearInterval(taking)
  for (const socket of taken) socket.destroy()
}

const TROUBLES: readonly Trouble[] = [
  {
    title: 'a password changed and changed back',
    server: { acl: ['default off', 'app on >first ~* &* +@all'] },
    login: 'app:first@',
    isForOwn: true,
    async happen({ server }) {
      await server.command('ACL', 'SETUSER', 'app', 'resetpass', '>second')
      await server.command('CLIENT', 'KILL', 'USER', 'app')
      await sleep(LASTS)
      await server.command('ACL', 'SETUSER', 'app', '>first')
    },
  },
  {
    title: 'sockets that are half open',
    isForOwn: true,
    async happen({ proxy }) {
      proxy.mode = 'blackhole'
      await sleep(HALF_OPEN)
      proxy.mode = 'pass'
      // of a connection that was made meanwhile the server knows nothing
      proxy.reset()
    },
  },
  {
    title: '`maxclients` used up by others',
    server: { config: [`maxclients ${MOST_CLIENTS}`] },
    happen: ({ server, proxy }) => takeAll(server, LASTS, () => proxy.reset()),
  },
]

async function changeAll({ each }: Scene): Promise<void> {
  await each(async ({ here, there }) => {
    await Promise.all([here.invalidate(0), here.invalidateTags([1, 2]), there.invalidate(3)])
  })
}

export function describeConnections(clients: TopologyClients): void {
  test.concurrent.for(TROUBLES)(
    '$title: nothing is old, and all is well within a second of the end',
    async ({ server: options = {}, login = '', isForOwn = false, happen }, { expect }) => {
      await onServers([options], async ([server]) => {
        if (server === undefined) throw new Error('there is no server')
        const proxy = await faultProxy(server)
        const url = `redis://${login}${proxy.host}:${proxy.port}`
        try {
          await play(
            { clients, isFor: ({ isOwn }) => isOwn || !isForOwn, open: ({ one }) => one(url) },
            async (scene) => {
              const stop = scene.readAll()
              const over = happen({ server, proxy })
              await sleep(LASTS / 2)
              await changeAll(scene)
              await over
              await judge(scene, { expect })
              await stop()
            },
          )
        } finally {
          await proxy.stop()
        }
      })
    },
  )

  // clients of the user have to be told by their own settings
  test.concurrent('a password changed and changed back on all nodes of a Cluster: nothing is old, and all is well soon', async ({
    expect,
  }) => {
    const setup = { acl: ['app on >first ~* &* +@all'], login: { username: 'app', password: 'first' } }
    await onCluster(clients, { ...setup, isFor: ({ isOwn }) => isOwn }, async (scene, { nodes }) => {
      const stop = scene.readAll()
      for (const node of nodes) await node.command('ACL', 'SETUSER', 'app', 'resetpass', '>second')
      for (const node of nodes) await node.command('CLIENT', 'KILL', 'USER', 'app')
      await changeAll(scene)
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
