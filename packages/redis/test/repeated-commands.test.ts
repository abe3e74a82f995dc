import './scripts.ts'
import { fakeClock } from '@shelflife/conformance'
import type { RemoteStore } from '@shelflife/core'
import type { RedisCommand } from '@shelflife/redis'
import { redisStore } from '@shelflife/redis'
import { expect, test } from 'vitest'
import { simulatedClient } from './simulated/client.ts'
import { bytesOf } from './simulated/reply.ts'
import type { SimulatedServer } from './simulated/server.ts'
import { simulatedServer } from './simulated/server.ts'

/*
 * A client that lost the connection sends what was not answered again, and a retry over HTTP may arrive long after
 * the first attempt. Whatever is sent may be carried out twice, with anything in between.
 */

const LASTING = { envelope: Uint8Array.of(1), age: 0, ttl: 60_000, keep: 60_000 }

interface Process {
  readonly server: SimulatedServer
  readonly store: RemoteStore
  /** Carries out once more everything that this process has sent. */
  repeatAll(): void
}

function startProcess(server: SimulatedServer, clock = fakeClock()): Process {
  const sent: [RedisCommand, string][] = []
  const client = simulatedClient(server, { turn: async () => {} })
  const recording: typeof client = {
    ...client,
    send(command, key) {
      sent.push([command, key])
      return client.send(command, key)
    },
  }
  return {
    server,
    store: redisStore(recording, { clock }),
    repeatAll() {
      for (const [command, key] of sent.splice(0)) server.execute(command.map(bytesOf), bytesOf(key))
    },
  }
}

const start = (): [Process, Process] => {
  const server = simulatedServer({ clock: fakeClock() })
  return [startProcess(server), startProcess(server)]
}

test('`open` that is carried out again after an invalidation does not bring the fence back', async () => {
  const [ann, ben] = start()
  await ann.store.open({ key: 'key', owner: 'ann', lease: 0, mode: 'load' })
  const opened = await ben.store.open({ key: 'key', owner: 'ben', lease: 0, mode: 'load' })
  const fence = 'fence' in opened ? opened.fence : ''
  await ben.store.invalidate(['key'])
  ann.repeatAll()
  expect(await ben.store.commit({ key: 'key', owner: 'ben', fence, ...LASTING })).toBe(false)
})

async function load(store: RemoteStore, owner: string, mode: 'load' | 'take', value: number): Promise<void> {
  const opened = await store.open({ key: 'key', owner, lease: 0, mode })
  const fence = 'fence' in opened ? opened.fence : ''
  await store.commit({ key: 'key', owner, fence, ...LASTING, envelope: Uint8Array.of(value) })
}

const valueIn = async (store: RemoteStore): Promise<number | undefined> =>
  (await store.read('key', [])).record?.envelope[0]

test('a load that is carried out again after an invalidation stores nothing', async () => {
  const [ann, ben] = start()
  await load(ann.store, 'ann', 'load', 1)
  await ben.store.invalidate(['key'])
  ann.repeatAll()
  expect(await valueIn(ben.store)).toBe(undefined)
})

test('a `set` that is carried out again does not replace a newer one', async () => {
  const [ann, ben] = start()
  await load(ann.store, 'ann', 'take', 1)
  await load(ben.store, 'ben', 'take', 2)
  ann.repeatAll()
  expect(await valueIn(ben.store)).toBe(2)
})

test('`capture` that is carried out again after an invalidation does not bring the id of the tag back', async () => {
  const [ann, ben] = start()
  await ann.store.capture({ tags: ['tag'], keep: 60_000 })
  const { ids } = await ben.store.capture({ tags: ['tag'], keep: 60_000 })
  await ben.store.invalidateTags(['tag'])
  ann.repeatAll()
  const [today] = await ben.store.readTags(['tag'])
  expect(today?.split('.')[0]).not.toBe(ids[0]?.split('.')[0])
})

test('a log that is begun again after it was lost has another epoch', async () => {
  const [ann, ben] = start()
  const { mark } = await ann.store.capture({ tags: ['tag'], keep: 60_000 })
  ann.server.evict('{shelflife}:log')
  ann.repeatAll()
  const { mark: today } = await ben.store.capture({ tags: ['tag'], keep: 60_000 })
  expect(today).not.toBe(mark)
})
