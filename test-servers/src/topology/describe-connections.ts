import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy } from '@shelflife/conformance/faults'
import { test } from 'vitest'

import type { RedisServer, RedisServerOptions } from '../start-redis.ts'
import { onServers } from './on-servers.ts'
import { changeSome, HALF_OPEN, judge, play } from './scene.ts'
import type { TopologyClients } from './topology-clients.ts'

interface Trouble {
  readonly title: string
  readonly server?: RedisServerOptions
  /** Of the user, in the URL. */
  readonly login?: string
  happen(at: { readonly server: RedisServer; readonly proxy: FaultProxy }): Promise<void>
}

const LASTS = 1500
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
    async happen({ server }) {
      await server.command('ACL', 'SETUSER', 'app', 'resetpass', '>second')
      await server.command('CLIENT', 'KILL', 'USER', 'app')
      await sleep(LASTS)
      await server.command('ACL', 'SETUSER', 'app', '>first')
    },
  },
  {
    title: 'sockets that are half open',
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

export function describeConnections(clients: TopologyClients): void {
  test.concurrent.for(TROUBLES)(
    '$title: nothing is old, and all is well within a second of the end',
    async ({ server: options = {}, login = '', happen }, { expect }) => {
      await onServers([options], async ([server]) => {
        if (server === undefined) throw new Error('there is no server')
        const proxy = await faultProxy(server)
        const url = `redis://${login}${proxy.host}:${proxy.port}`
        try {
          await play({ clients, open: ({ one }) => one(url) }, async (scene) => {
            const stop = scene.readAll()
            const over = happen({ server, proxy })
            await sleep(LASTS / 2)
            await changeSome(scene)
            await over
            await judge(scene, { expect })
            await stop()
          })
        } finally {
          await proxy.stop()
        }
      })
    },
  )
}
