import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { nodeRedisStore } from '@shelflife/node-redis'
import { startCluster, startRedis } from '@shelflife/test-servers'
import { afterAll } from 'vitest'

const [server, cluster] = await Promise.all([startRedis(), startCluster()])
afterAll(() => Promise.all([server.stop(), cluster.stop()]))

const time = { clock: systemClock, advance: sleep, accuracy: 50 }
const rootNodes = cluster.urls.map((url) => ({ url }))

const loseBus = 'the way to the server cannot be cut here'
const execArgv = ['--conditions=@shelflife/source']

describeStore('node-redis', {
  connect: async () => nodeRedisStore(server.url),
  time,
  loseBus,
  spawn: () => fork(join(import.meta.dirname, 'children/store.ts'), [server.url], { execArgv }),
  size: async () => (await server.command('DBSIZE')) as number,
})
describeStore('node-redis on a Cluster', { connect: async () => nodeRedisStore({ rootNodes }), time, loseBus })
