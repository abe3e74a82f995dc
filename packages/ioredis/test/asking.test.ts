import type { RedisClient } from '@shelflife/redis'
import type { RedisCluster } from '@shelflife/test-servers'
import { moveSlot, startCluster } from '@shelflife/test-servers'
import { Cluster } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { toRedisClient } from '../src/ioredis-store.ts'

const LOGIN = { username: 'app', password: 'secret' }

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startCluster({ acl: [`${LOGIN.username} on >${LOGIN.password} ~* +@all -asking`] })
}, 60_000)
afterAll(() => cluster.stop())

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(async () => {
  // they are told of after a turn
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(unhandled.splice(0)).toEqual([])
})

const kinds = {
  own: (options: object): [RedisClient, () => void] => [toRedisClient({ nodes: cluster.rootNodes, options }), () => {}],
  given(options: object): [RedisClient, () => void] {
    const client = new Cluster([...cluster.rootNodes], options)
    client.on('error', () => {})
    return [toRedisClient(client), () => client.disconnect()]
  },
}

test.each(Object.entries(kinds))(
  'a slot on its way fails commands of a user who may not ask, %s',
  async (name, open) => {
    const [client, end] = open({ redisOptions: LOGIN })
    const key = `${name} refused`
    await client.send(['SET', key, 'x'], key)
    // to a node that the client has, and to one that it does not have
    for (const target of [undefined, await cluster.add()]) {
      const move = await moveSlot(cluster, key, target)
      await move.migrate()
      for (let i = 0; i < 3; i++) await expect(client.send(['GET', key], key)).rejects.toThrow()
      await move.finish()
      expect(String(await client.send(['GET', key], key))).toBe('x')
    }
    await client.close()
    end()
  },
)

test.each(Object.entries(kinds))('a slot on its way to a new node is read, until that dies, %s', async (name, open) => {
  const [client, end] = open({})
  const key = `${name} new`
  await client.send(['SET', key, 'x'], key)
  const node = await cluster.add()
  const move = await moveSlot(cluster, key, node)
  await move.migrate()
  expect(String(await client.send(['GET', key], key))).toBe('x')
  node.pause()
  const asked = Array.from({ length: 5 }, () => client.send(['GET', key], key).catch(() => 'failed'))
  await new Promise((resolve) => setTimeout(resolve, 100))
  // it must not go on for a moment, and answer
  process.kill(node.pid(), 'SIGKILL')
  await node.kill()
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['failed']))
  await node.restart()
  await move.from.command('CLUSTER', 'SETSLOT', move.slot, 'STABLE')
  await cluster.remove(node)
  await client.close()
  end()
})
