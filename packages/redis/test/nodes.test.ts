import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createNodes } from '../src/nodes.ts'
import { redisStore } from '../src/redis-store.ts'
import { recordOf } from '../src/replies.ts'

interface Running {
  readonly run: string
  readonly data: string
  readonly dataBefore?: string
  readonly elections?: string
}

/** Two nodes of a Cluster with a slot each, on which runs of servers follow one another. */
function setUp({ cluster = true } = {}) {
  const clock = fakeClock(5000)
  const servers = {
    one: { run: 'first', elections: '', data: 'a', dataBefore: '', losses: 0 },
    two: { run: 'other', elections: '', data: 'b', dataBefore: '', losses: 0 },
  }
  type Node = keyof typeof servers
  const owners = new Map<number, Node>([
    [1, 'one'],
    [2, 'two'],
  ])
  const slotOf = (name: string): number => Number(name[0])
  const nodeOf = (name: string): Node => owners.get(slotOf(name)) ?? 'one'
  let asked = 0
  let failure = (): void => {}
  const nodes = createNodes({
    clock,
    client: {
      label: 'test',
      cluster,
      ordered: false,
      send: () => Promise.reject(new Error('nothing is sent')),
      nodes: () => Object.keys(servers),
      nodeOf,
      slotOf,
      lossesOf: (name) => servers[nodeOf(name)].losses,
      close: async () => {},
    },
    async introduce(name) {
      asked++
      failure()
      return { now: 1_000_000 + clock.now(), ...servers[nodeOf(name)] }
    },
  })

  return {
    clock,
    nodes,
    asked: () => asked,
    /** The next question fails, when this has happened. */
    failAfter(happen: () => void): void {
      failure = () => {
        failure = () => {}
        happen()
        throw new Error('Connection is closed.')
      }
    },
    /** It says something else of itself; all connections to it stay. */
    become: (node: Node, about: Partial<Running>) => void Object.assign(servers[node], about),
    restart(node: Node, running: Running): void {
      servers[node] = { dataBefore: '', elections: '', ...running, losses: servers[node].losses + 1 }
    },
    move: (slot: number, to: Node) => void owners.set(slot, to),
    /** Whether an entry of a time on the clock of this process is believed. */
    async believes(name: string, createdAt: number): Promise<boolean> {
      await nodes.ready(name)
      return recordOf(entryOf(1_000_000 + createdAt), nodes.recording(name))?.createdAt === createdAt
    },
  }
}

const entryOf = (createdAt: number): Uint8Array =>
  new TextEncoder().encode(
    `${String(createdAt).padStart(16, '0')}${String(createdAt + 60_000).padStart(16, '0')}envelope`,
  )

/** From a snapshot of what it had. */
const ANEW = { run: 'second', data: 'c', dataBefore: 'a' }

test('a server is met once, and again when a connection to it was lost', async () => {
  const { nodes, restart } = setUp()
  await nodes.ready('1 key')
  expect(nodes.ready('1 key')).toBeUndefined()
  const before = nodes.historyOf('1 key')
  restart('one', { run: 'first', data: 'a' })
  expect(nodes.isLost(before)).toBe(false)
  await nodes.ready('1 key')
  expect(nodes.historyOf('1 key')).toBe(before)
  expect(nodes.isLost(before)).toBe(false)
})

test('one that has started anew has lost what it was told, and no other one has', async () => {
  const { nodes, restart } = setUp()
  await Promise.all([nodes.ready('1 key'), nodes.ready('2 key')])
  const [one, two] = [nodes.historyOf('1 key'), nodes.historyOf('2 key')]
  restart('one', ANEW)
  await nodes.ready('1 key')
  expect(nodes.isLost(one)).toBe(true)
  expect(nodes.isLost(two)).toBe(false)
})

test.each([
  [true, false],
  [false, true],
])('of one that has started anew no older entry is believed on a Cluster (%s)', async (cluster, isBelieved) => {
  const { clock, believes, restart } = setUp({ cluster })
  expect(await believes('1 key', 4900)).toBe(true)
  restart('one', ANEW)
  clock.advance(100)
  expect(await believes('1 key', 4900)).toBe(isBelieved)
  expect(await believes('1 key', 5100)).toBe(true)
})

test('of one that has become a master again what it has from another one is believed', async () => {
  const { believes, move, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('two', { run: 'other', elections: '2', data: 'd', dataBefore: 'a' })
  move(1, 'two')
  expect(await believes('1 key', 4900)).toBe(true)
  restart('one', { run: 'second', elections: '2', data: 'e', dataBefore: 'd' })
  move(1, 'one')
  expect(await believes('1 key', 4900)).toBe(true)
})

test('one that was met before it knew that another has taken its place is believed when it has taken it back', async () => {
  const { become, believes, clock, move, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('two', { run: 'other', elections: '2', data: 'd', dataBefore: 'a' })
  move(1, 'two')
  await nodes.ready('1 key')
  restart('one', ANEW)
  move(1, 'one')
  clock.advance(100)
  expect(await believes('1 key', 4900)).toBe(false)
  move(1, 'two')
  expect(await believes('1 key', 4900)).toBe(true)
  become('one', { elections: '2', data: 'e', dataBefore: 'd' })
  move(1, 'one')
  expect(await believes('1 key', 4900)).toBe(true)
})

test('what has started anew from a snapshot is not believed either of a replica that takes over, or gives it back', async () => {
  const { become, believes, clock, move, nodes, restart } = setUp()
  await Promise.all([nodes.ready('1 key'), nodes.ready('2 key')])
  restart('one', ANEW)
  clock.advance(100)
  await nodes.ready('1 key')
  restart('two', { run: 'other', elections: '2', data: 'd', dataBefore: 'c' })
  move(1, 'two')
  clock.advance(100)
  expect(await believes('1 key', 4900)).toBe(false)
  expect(await believes('1 key', 5150)).toBe(true)
  become('one', { elections: '2', data: 'e', dataBefore: 'd' })
  move(1, 'one')
  expect(await believes('1 key', 4900)).toBe(false)
  expect(await believes('1 key', 5150)).toBe(true)
})

test('a node that a slot comes back to is asked where it has it from', async () => {
  const { become, believes, clock, move, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('two', { run: 'other', elections: '2', data: 'd', dataBefore: 'a' })
  move(1, 'two')
  expect(await believes('1 key', 4900)).toBe(true)
  restart('two', { run: 'another', data: 'e', dataBefore: 'd' })
  clock.advance(100)
  expect(await believes('1 key', 4900)).toBe(false)
  // all connections to it stay
  become('one', { elections: '2', data: 'f', dataBefore: 'e' })
  move(1, 'one')
  expect(await believes('1 key', 4900)).toBe(false)
  expect(await believes('1 key', 5150)).toBe(true)
})

test('of a replica whose master has started anew without being met nothing older is believed', async () => {
  const { believes, clock, move, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('two', { run: 'other', elections: '2', data: 'd', dataBefore: 'c' })
  move(1, 'two')
  clock.advance(100)
  expect(await believes('1 key', 4900)).toBe(false)
  clock.advance(100)
  expect(await believes('1 key', 5150)).toBe(true)
})

test('a master that took its place back meanwhile is not believed, if nobody was met in between', async () => {
  const { believes, clock, restart } = setUp()
  expect(await believes('1 key', 4900)).toBe(true)
  clock.advance(100)
  restart('one', { run: 'first', elections: '2', data: 'e', dataBefore: 'd' })
  expect(await believes('1 key', 4900)).toBe(false)
})

test.each([
  ['that was asked for before', true],
  ['that was not', false],
])('a slot %s does not become more credible by leaving a node that has started anew', async (_, isKnown) => {
  const { believes, clock, move, nodes, restart } = setUp()
  await Promise.all([nodes.ready(isKnown ? '1 key' : '3 key'), nodes.ready('2 key')])
  restart('one', ANEW)
  clock.advance(100)
  await nodes.ready('3 key')
  move(1, 'two')
  expect(await believes('1 key', 4900)).toBe(false)
  expect(await believes('1 key', 5100)).toBe(true)
  expect(await believes('2 key', 4900)).toBe(true)
})

test('a slot that moves between nodes that were there all the time is believed', async () => {
  const { become, believes, move, nodes } = setUp()
  await Promise.all([nodes.ready('1 key'), nodes.ready('2 key')])
  move(1, 'two')
  expect(await believes('1 key', 4900)).toBe(true)
  // without replicas
  become('one', { data: 'f' })
  move(1, 'one')
  expect(await believes('1 key', 4900)).toBe(true)
})

test('what a node answers that a name has left is nothing to it', async () => {
  const { believes, failAfter, move, nodes } = setUp()
  failAfter(() => move(1, 'two'))
  expect(await believes('1 key', 4900)).toBe(true)
  move(1, 'one')
  failAfter(() => {})
  await expect(nodes.ready('1 key')).rejects.toThrow('Connection is closed.')
})

test('a question that was lost with its connection is asked again', async () => {
  const { believes, failAfter, restart } = setUp()
  failAfter(() => restart('one', { run: 'first', data: 'a' }))
  expect(await believes('1 key', 4900)).toBe(true)
})

test('a master without a vote is believed no more than one that has started anew', async () => {
  const { believes, clock, move, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('two', { run: 'other', data: 'd', dataBefore: 'a' })
  move(1, 'two')
  clock.advance(100)
  expect(await believes('1 key', 4900)).toBe(false)
})

test('what is not believed has a node asked again, but not more often than four times a second', async () => {
  const { asked, clock, nodes, restart } = setUp()
  await nodes.ready('1 key')
  restart('one', ANEW)
  await nodes.ready('1 key')
  await Promise.all([nodes.meetAgain('1 key'), nodes.meetAgain('1 other')])
  expect(asked()).toBe(2)
  clock.advance(250)
  await nodes.meetAgain('1 key')
  await nodes.meetAgain('1 other')
  expect(asked()).toBe(3)
})

test('of what is from before its start a node is asked whether it has been made a master since', async () => {
  const server = { run: 'first', elections: '', data: 'a', dataBefore: '', losses: 0 }
  const clock = fakeClock(5000)
  const client = {
    label: 'test',
    cluster: true,
    ordered: false,
    nodes: () => ['one'],
    nodeOf: () => 'one',
    lossesOf: () => server.losses,
    send: async ([name]: readonly unknown[]) =>
      name === 'GET'
        ? entryOf(1_004_900)
        : [1_000_000 + clock.now(), server.run, server.elections, server.data, server.dataBefore],
    close: async () => {},
  }
  const store = redisStore(client, { clock })
  const createdAt = async (key: string): Promise<number | undefined> => (await store.read(key, [])).record?.createdAt
  const times = (): Promise<readonly unknown[]> => Promise.all(['key', 'other'].map(createdAt))
  expect(await times()).toEqual([4900, 4900])
  Object.assign(server, { ...ANEW, losses: 1 })
  expect(await times()).toEqual([Infinity, Infinity])
  // all connections to it stay
  Object.assign(server, { elections: '1', data: 'd', dataBefore: 'a' })
  clock.advance(250)
  expect(await times()).toEqual([4900, 4900])
})
