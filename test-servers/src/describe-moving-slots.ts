import { setTimeout as sleep } from 'node:timers/promises'

import type { RedisClient } from '@shelflife/redis'
import { redisStore } from '@shelflife/redis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { RedisClusterClientSuite } from './cluster-client-suite.ts'
import { WAIT } from './heard.ts'
import { moveSlot } from './move-slot.ts'
import type { RedisCluster } from './start-cluster.ts'
import { startCluster } from './start-cluster.ts'

/** Slots that go to another node while they are used. */
export function describeMovingSlots({ kinds, connect, closing }: RedisClusterClientSuite): void {
  describe('a slot on its way', () => {
    let cluster: RedisCluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())

    let count = 0
    /** Two names of one slot, which exist. */
    async function twoNames(client: RedisClient): Promise<[string, string]> {
      const names: [string, string] = [`{${++count}}:moved`, `{${count}}:left`]
      for (const name of names) await client.send(['SET', name, name], name)
      return names
    }

    const read = async (client: RedisClient, name: string): Promise<string> =>
      String(await client.send(['GET', name], name))

    test.each(kinds)('is read on both nodes, and on the other one afterwards, with %s', async (kind) => {
      const client = await connect(kind, cluster)
      const [moved, left] = await twoNames(client)
      const move = await moveSlot(cluster, moved)
      await move.migrate(moved)
      expect([await read(client, moved), await read(client, left)]).toEqual([moved, left])
      await move.finish()
      expect([await read(client, moved), await read(client, left)]).toEqual([moved, left])
      expect(client.nodeOf?.(moved)).toBe(`${move.to.host}:${move.to.port}`)
    })

    test.each(kinds)('takes no other slot with it, with %s', async (kind) => {
      const client = await connect(kind, cluster)
      const names = Array.from({ length: 40 }, (_, index) => `stays ${index}`)
      const [moved] = await twoNames(client)
      const before = names.map((name) => client.nodeOf?.(name))
      const move = await moveSlot(cluster, moved)
      await move.finish()
      const seen = new Set<string>()
      const note = (): void => void seen.add(JSON.stringify(names.map((name) => client.nodeOf?.(name))))
      const looking = setInterval(note, 1)
      await read(client, moved)
      note()
      await sleep(100)
      clearInterval(looking)
      expect([...seen]).toEqual([JSON.stringify(before)])
    })

    test.each(kinds)('has tags that are known all the time, with %s', async (kind) => {
      const prefix = `tags-${++count}`
      const store = closing(redisStore(await connect(kind, cluster), { prefix, budget: { read: '1s' } }))
      const { ids } = await store.capture({ tags: ['a', 'b'], keep: 60_000 })
      const known = async (): Promise<void> => expect(await store.readTags(['a', 'b'])).toEqual(ids)
      await known()
      const move = await moveSlot(cluster, `{${prefix}}:log`)
      await known()
      await move.migrate(`{${prefix}}:t{a}`)
      await known()
      await move.migrate()
      await known()
      await move.finish()
      // nothing else has told the client
      await known()
    })

    test.each(kinds)('says soon that it cannot do what needs names of both nodes, with %s', async (kind) => {
      const client = await connect(kind, cluster)
      const [moved, left] = await twoNames(client)
      const move = await moveSlot(cluster, moved)
      await move.migrate(moved)
      // the connection to the other node
      await read(client, moved)
      const startedAt = performance.now()
      await expect(client.send(['MGET', moved, left], moved)).rejects.toThrow(/^TRYAGAIN/)
      // a client that tries again by itself takes longer
      expect(performance.now() - startedAt).toBeLessThan(1000)
      await move.finish()
    })

    const FRESH = `${'1'.padStart(16, '0')}9000000000000000`
    const told = (['invalidate', 'expire'] as const).flatMap((command) =>
      ['has it', 'is to have it'].flatMap((where) => kinds.map((kind) => [command, where, kind] as const)),
    )
    test.each(told)(
      '%s reaches an entry without a fence whose other node %s, with %s',
      async (command, where, kind) => {
        const prefix = `old-${++count}`
        const client = await connect(kind, cluster)
        const store = closing(redisStore(client, { prefix, budget: { read: '1s' } }))
        const entry = `${prefix}:{key}`
        await client.send(['SET', entry, FRESH], entry)
        const move = await moveSlot(cluster, entry)
        if (where === 'has it') await move.migrate(entry)
        await store[command](['key'])
        const found = await client.send(['GET', entry], entry)
        if (command === 'invalidate') expect(found).toBe(null)
        else expect(String(found)).toMatch(/^0{15}1[0-8]\d{15}$/)
        await move.finish()
      },
    )

    // an unhandled rejection would fail the run
    test.each(kinds)('fails nothing but commands when the other node hangs and dies, with %s', async (kind) => {
      const client = await connect(kind, cluster)
      const [moved, left] = await twoNames(client)
      const unhandled: unknown[] = []
      const note = (reason: unknown): void => void unhandled.push(reason)
      process.on('unhandledRejection', note)
      const move = await moveSlot(cluster, moved)
      await move.migrate(moved)
      await read(client, moved)
      move.to.pause()
      const asked = Promise.allSettled(Array.from({ length: 10 }, () => read(client, moved)))
      expect(await read(client, left)).toBe(left)
      for (const answer of await asked) {
        expect(answer).toMatchObject({ reason: { message: expect.stringMatching(/^ASK /) } })
      }
      const startedAt = performance.now()
      await expect(read(client, moved)).rejects.toThrow(/^ASK /)
      // its names do not wait one by one
      expect(performance.now() - startedAt).toBeLessThan(60)
      // it must not go on for a moment, and answer
      process.kill(move.to.pid(), 'SIGKILL')
      await move.to.kill()
      await sleep(600)
      await expect(read(client, moved)).rejects.toThrow()
      process.off('unhandledRejection', note)
      expect(unhandled).toEqual([])
      await move.to.restart()
      await cluster.recovered()
      await move.finish()
      await vi.waitFor(async () => expect(await read(client, left)).toBe(left), WAIT)
    })
  })
}
