import { describe, expect, test } from 'vitest'

import type { RedisClientSuite } from './redis-client-suite.ts'

const every = Uint8Array.from({ length: 256 }, (_, index) => index)
const bytes = (text: string): Buffer => Buffer.from(text)
const listOf = (reply: unknown): unknown[] => reply as unknown[]

export function describeCommands({ kinds, connect }: RedisClientSuite): void {
  describe.each(kinds)('commands, with %s', (kind) => {
    test('work from the first one on', async () => {
      const client = await connect(kind)
      expect(client.cluster).toBe(false)
      expect(await client.send(['SET', 'first', '1', 'PX', '10000'], 'first')).not.toBeNull()
    })

    test('carry bytes exactly', async () => {
      const client = await connect(kind)
      const room = new Uint8Array(300)
      room.set(every, 20)
      // a view into a larger buffer, as an encoder may give
      await client.send(['SET', 'bytes', room.subarray(20, 276)], 'bytes')
      const reply = await client.send(['GET', 'bytes'], 'bytes')
      expect(reply).toBeInstanceOf(Uint8Array)
      expect(new Uint8Array(reply as Uint8Array)).toEqual(every)
      expect(await client.send(['STRLEN', 'bytes'], 'bytes')).toBe(256)
    })

    test('have null for what is not there', async () => {
      const client = await connect(kind)
      expect(await client.send(['GET', 'none'], 'none')).toBeNull()
      expect(await client.send(['MGET', 'none', 'none'], 'none')).toEqual([null, null])
    })

    test('give arrays in arrays', async () => {
      const client = await connect(kind)
      const script = "return {1, {'a', {false, 2}}, redis.call('lrange', KEYS[1], 0, -1)}"
      await client.send(['DEL', 'list'], 'list')
      await client.send(['RPUSH', 'list', 'b', every], 'list')
      const reply = listOf(await client.send(['EVAL', script, '1', 'list'], 'list'))
      expect(reply).toEqual([1, [bytes('a'), [null, 2]], [bytes('b'), Buffer.from(every)]])
    })

    test('give whole numbers as numbers', async () => {
      const client = await connect(kind)
      const script = 'return {0, -1, 2^52}'
      expect(await client.send(['EVAL', script, '0'], 'key')).toEqual([0, -1, 2 ** 52])
    })

    test('fail with the code of the server and without what was sent', async () => {
      const client = await connect(kind)
      await client.send(['SET', 'text', 'x'], 'text')
      const missing = client.send(['EVALSHA', 'f'.repeat(40), '1', 'key', 'a secret'], 'key')
      const error: unknown = await missing.catch((reason: unknown) => reason)
      expect(error).toMatchObject({ message: expect.stringMatching(/^NOSCRIPT /) })
      expect(JSON.stringify(Object.entries(error as Error))).not.toContain('secret')
      await expect(client.send(['HGET', 'text', 'field'], 'text')).rejects.toThrow(/^WRONGTYPE /)
      const script = "return redis.error_reply('MINE and more')"
      await expect(client.send(['EVAL', script, '0'], 'key')).rejects.toThrow(/^MINE and more/)
    })

    test('are carried out in order', async () => {
      const client = await connect(kind)
      expect(client.ordered).toBe(true)
      await client.send(['DEL', 'log'], 'log')
      const names = Array.from({ length: 50 }, (_, index) => String(index))
      const script = "return redis.call('rpush', KEYS[1], ARGV[1])"
      await Promise.all(names.map((name) => client.send(['EVAL', script, '1', 'log', name], 'log')))
      const log = listOf(await client.send(['LRANGE', 'log', '0', '-1'], 'log'))
      expect(log.map(String)).toEqual(names)
    })
  })
}
