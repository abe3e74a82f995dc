import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createNodes } from '../src/nodes.ts'
import { redisStore } from '../src/redis-store.ts'
import { recordOf } from '../src/replies.ts'

/** Two nodes of a Cluster, on which runs of servers follow one another. */
function setUp({ cluster = true } = {}) {
  const clock = fakeClock(5000)
  const servers = {
    one: { run: 'first', losses: 0, hasFollowed: false },
    two: { run: 'other', losses: 0, hasFollowed: false },
  }
  const nodeOf = (name: string) => (name.startsWith('1') ? 'one' : 'two') as keyof typeof servers
  const nodes = createNodes({
    clock,
    client: {
      label: 'test',
      cluster,
      ordered: false,
      send: () => Promise.reject(new Error('nothing is sent')),
      nodes: () => Object.keys(servers),
      nodeOf,
      lossesOf: (name) => servers[nodeOf(name)].losses,
      close: async () => {},
    },
    introduce: async (name) => ({ now: 1_000_000 + clock.now(), ...servers[nodeOf(name)] }),
  })
  function restart(
    node: keyof typeof servers,
    run: string,
    { hasFollowed }: { readonly hasFollowed: boolean } = { hasFollowed: false },
  ): void {
    servers[node] = { run, losses: servers[node].losses + 1, hasFollowed }
  }
  return { clock, nodes, restart }
}

const entryOf = (createdAt: number): Uint8Array =>
  new TextEncoder().encode(
    `${String(createdAt).padStart(16, '0')}${String(createdAt + 60_000).padStart(16, '0')}envelope`,
  )

test('a server is met once, and again when a connection to it was lost', async () => {
  const { nodes, restart } = setUp()
  await nodes.ready('1 key')
  expect(nodes.ready('1 key')).toBeUndefined()
  const before = nodes.historyOf('1 key')
  restart('one', 'first')
  expect(nodes.isLost(before)).toBe(false)
  await nodes.ready('1 key')
  expect(nodes.historyOf('1 key')).toBe(before)
  expect(nodes.isLost(before)).toBe(false)
})

test('one that has started anew has lost what it was told, and no other one has', async () => {
  const { nodes, restart } = setUp()
  await Promise.all([nodes.ready('1 key'), nodes.ready('2 key')])
  const [one, two] = [nodes.historyOf('1 key'), nodes.historyOf('2 key')]
  restart('one', 'second')
  await nodes.ready('1 key')
  expect(nodes.isLost(one)).toBe(true)
  expect(nodes.isLost(two)).toBe(false)
})

test.each([
  [true, Infinity],
  [false, 4900],
])('of one that has started anew no older entry is believed on a Cluster (%s)', async (cluster, createdAt) => {
  const { clock, nodes, restart } = setUp({ cluster })
  await nodes.ready('1 key')
  const old = entryOf(1_004_900)
  expect(recordOf(old, nodes.of('1 key'))?.createdAt).toBe(4900)
  restart('one', 'second')
  clock.advance(100)
  await nodes.ready('1 key')
  expect(recordOf(old, nodes.of('1 key'))?.createdAt).toBe(createdAt)
  expect(recordOf(entryOf(1_005_100), nodes.of('1 key'))?.createdAt).toBe(5100)
})

test('of one that has become a master again what it has from another one is believed', async () => {
  const { nodes, restart } = setUp()
  await Promise.all([nodes.ready('1 key'), nodes.ready('2 key')])
  restart('one', 'second', { hasFollowed: true })
  await nodes.ready('1 key')
  expect(recordOf(entryOf(1_004_900), nodes.of('1 key'))?.createdAt).toBe(4900)
})

test('one that was met before it knew that another has taken its place is believed when it has taken it back', async () => {
  const { clock, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('one', 'second')
  clock.advance(100)
  await nodes.ready('1 key')
  const [node, old] = [nodes.of('1 key'), entryOf(1_004_900)]
  expect(recordOf(old, node)?.createdAt).toBe(Infinity)
  restart('one', 'second', { hasFollowed: true })
  await nodes.meet(node)
  expect(recordOf(old, node)?.createdAt).toBe(4900)
})

test('of what is from before its start a node is asked whether it has been made a master since', async () => {
  const server = { run: 'first', elections: '', losses: 0 }
  const client = {
    label: 'test',
    cluster: true,
    ordered: false,
    nodes: () => ['one'],
    nodeOf: () => 'one',
    lossesOf: () => server.losses,
    send: async ([name]: readonly unknown[]) =>
      name === 'GET' ? entryOf(1_004_900) : [1_005_000, server.run, server.elections],
    close: async () => {},
  }
  const store = redisStore(client, { clock: fakeClock(5000) })
  const createdAt = async (): Promise<number | undefined> => (await store.read('key', [])).record?.createdAt
  expect(await createdAt()).toBe(4900)
  Object.assign(server, { run: 'second', losses: 1 })
  expect(await createdAt()).toBe(Infinity)
  // all connections to it stay
  server.elections = '1'
  expect(await createdAt()).toBe(4900)
})
