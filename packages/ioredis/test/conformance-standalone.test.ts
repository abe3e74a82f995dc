import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import type { RemoteStore } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import type { FaultProxy } from '@shelflife/test-servers'
import { faultProxy, startRedis } from '@shelflife/test-servers'
import { Redis } from 'ioredis'
import { afterAll, expect, vi } from 'vitest'

const server = await startRedis()
const execArgv = ['--conditions=@shelflife/source']
const proxies = new Map<RemoteStore, FaultProxy>()
const clients: Redis[] = []
afterAll(async () => {
  for (const client of clients) client.disconnect()
  for (const proxy of proxies.values()) await proxy.stop()
  await server.stop()
})

describeStore('ioredis', {
  connect: async () => ioredisStore(server.url),
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
  loseBus: 'below they are',
  spawn: () => fork(join(import.meta.dirname, 'children/store.ts'), [server.url], { execArgv }),
  size: async () => (await server.command('DBSIZE')) as number,
})

let listening = 0

async function subscribers(): Promise<number> {
  const [, count] = (await server.command('PUBSUB', 'NUMSUB', '{shelflife}:bus')) as [string, number]
  return count
}

/** Subscribes through a proxy, so that messages can be lost while commands work. */
async function throughProxy(): Promise<RemoteStore> {
  const proxy = await faultProxy(server)
  const client = new Redis(server.url)
  clients.push(client)
  const duplicate = client.duplicate.bind(client)
  const store = ioredisStore(
    Object.assign(client, { duplicate: (options: object) => duplicate({ ...options, port: proxy.port }) }),
  )
  proxies.set(store, proxy)
  return store
}

describeStore('ioredis with a client and messages that get lost', {
  connect: throughProxy,
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
  async loseBus(store) {
    listening = await subscribers()
    const proxy = proxies.get(store)!
    proxy.mode = 'refuse'
    proxy.reset()
    await vi.waitFor(async () => expect(await subscribers()).toBe(listening - 1))
  },
  async restoreBus(store) {
    proxies.get(store)!.mode = 'pass'
    await vi.waitFor(async () => expect(await subscribers()).toBe(listening), { timeout: 5000 })
  },
})
