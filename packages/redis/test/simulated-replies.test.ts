import { fakeClock } from '@shelflife/conformance'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SCRIPTS } from './scripts.ts'
import type { Words } from './simulated/calls.ts'
import { KEYS, calls } from './simulated/calls.ts'
import { RedisError, bytesOf, textOf } from './simulated/reply.ts'
import type { SimulatedServer } from './simulated/server.ts'
import { simulatedServer } from './simulated/server.ts'

let server: RedisServer
let client: Redis
beforeAll(async () => {
  server = await startRedis()
  client = new Redis(server.url)
})
afterAll(async () => {
  client.disconnect()
  await server.stop()
})

/** Errors as their code: the rest names the script. A status is text as any other. */
function plain(reply: unknown): unknown {
  if (reply instanceof Error) return `error ${reply.message.split(' ')[0]}`
  if (reply instanceof Uint8Array) return textOf(reply)
  return Array.isArray(reply) ? reply.map(plain) : reply
}

function ask(simulated: SimulatedServer, words: Words): unknown {
  try {
    return simulated.execute(words.map(bytesOf), bytesOf('{p}'))
  } catch (error) {
    if (error instanceof RedisError) return error
    throw error
  }
}

const askReal = ([name, ...args]: Words): Promise<unknown> =>
  client.callBuffer(name as string, ...args.map((arg) => Buffer.from(arg))).catch((error: unknown) => error)

/** Time goes on in the real one. */
const isClose = (left: unknown, right: unknown): boolean => Math.abs(Number(left) - Number(right)) < 5000

test('the server in this process answers every script and command as Redis does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(calls, { minLength: 5, maxLength: 40 }), async (all) => {
      const simulated = simulatedServer({ clock: fakeClock() })
      await client.flushall()
      const [real, lives] = await Promise.all([
        Promise.all(all.map(askReal)),
        Promise.all(KEYS.map((key) => client.pttl(key))),
      ])
      for (const [i, words] of all.entries()) {
        const [expected, received] = [plain(real[i]), plain(ask(simulated, words))]
        if (words[0] !== 'PTTL' || !isClose(expected, received)) expect([words, received]).toEqual([words, expected])
      }
      for (const [i, key] of KEYS.entries()) expect(isClose(ask(simulated, ['PTTL', key]), lives[i])).toBe(true)
    }),
    { numRuns: 500, endOnFailure: true },
  )
}, 60_000)

test('every script of the store is asked, and the time is in seconds and microseconds', async () => {
  const simulated = simulatedServer({ clock: fakeClock(12_345.5) })
  expect(plain(ask(simulated, ['TIME']))).toEqual(['12', '345500'])
  expect(plain(await askReal(['TIME']))).toEqual([expect.stringMatching(/^\d{10}$/), expect.stringMatching(/^\d+$/)])
  const asked = fc.sample(calls, { numRuns: 2000 }).map(([, source]) => source)
  for (const [name, { lua }] of Object.entries(SCRIPTS))
    // which says what no two servers say alike
    if (name !== 'PROBE') expect(asked.some((one) => lua.endsWith(String(one).slice(-100)))).toBe(true)
})

test('a server says what time it is and which one it is, and a replica does not', async () => {
  const id = expect.stringMatching(/^\w+$/)
  const introduction = [expect.any(Number), id]
  const words = ['EVAL', SCRIPTS['PROBE']?.lua ?? '', '1', '{p}:p']
  const simulated = simulatedServer({ clock: fakeClock() })
  expect(plain(ask(simulated, words))).toEqual(introduction)
  expect(plain(await askReal(words))).toEqual(introduction)
  const onCluster = ['EVAL', SCRIPTS['PROBE']?.lua ?? '', '0']
  expect(plain(await askReal(onCluster))).toEqual([...introduction, '', id, id])
  await client.replicaof('127.0.0.1', '1')
  expect(plain(await askReal(words))).toBe('error READONLY')
  // what it has is that of its master, or was before
  expect(plain(await askReal(onCluster))).toEqual([...introduction, '', '', ''])
  await client.replicaof('NO', 'ONE')
})
