import './scripts.ts'
import { fakeClock } from '@shelflife/conformance'
import { redisStore } from '@shelflife/redis'
import { afterEach, expect, test } from 'vitest'
import { parseMessage } from '../src/message.ts'
import { NOW } from '../src/script.ts'
import { simulatedClient } from './simulated/client.ts'
import { bytesOf } from './simulated/reply.ts'
import { simulatedServer } from './simulated/server.ts'

/*
 * A release from before messages had ids, beside this one: it counts messages in the same log and sends them over the
 * same channel.
 */

const LOG = '{shelflife}:log'
const CHANNEL = '{shelflife}:bus'
const OLD_PUBLISH = `${NOW}
local epoch = redis.call('HGET', KEYS[1], 'e')
if not epoch then
  epoch = ARGV[1] .. '-' .. moment
  redis.call('HSET', KEYS[1], 'e', epoch)
end
local number = redis.call('HINCRBY', KEYS[1], 'm', 1)
redis.call(ARGV[2], ARGV[3], epoch .. ' ' .. number .. ' ' .. ARGV[4])
return 1
`

/** How that release reads a message. */
function readByOld(payload: string): unknown {
  const [, epoch, number, body] = /^(\S+) (\d+) (\[.*)$/s.exec(payload) ?? []
  const [sender, type, names] = JSON.parse(body ?? '') as unknown[]
  return { epoch, number, sender, type, names }
}

const ended: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0)) await end()
})

function setUp() {
  const clock = fakeClock(10_000)
  const server = simulatedServer({ clock })
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
  const connect = () => {
    const store = redisStore(simulatedClient(server, { turn }), { clock })
    ended.push(() => store.close())
    return store
  }

  async function pass(ms: number): Promise<void> {
    for (let i = 0; i < ms; i += 50) {
      clock.advance(50)
      for (let j = 0; j < 8; j++) await turn()
    }
  }

  function tellAsOld(key: string): void {
    const body = JSON.stringify(['old release', 'invalidate', [key]])
    const words = ['EVAL', OLD_PUBLISH, '1', LOG, 'old', 'PUBLISH', CHANNEL, body]
    server.execute(words.map(bytesOf), bytesOf(LOG))
  }

  async function listen() {
    const heard: string[] = []
    let confirmedAt = -Infinity
    connect().bus?.listen({
      message: ({ names }) => void heard.push(...names),
      confirmed: (at) => (confirmedAt = at),
      gap: () => void heard.push('gap'),
      lost: () => void heard.push('lost'),
    })
    await pass(600)
    return { heard: () => heard.splice(0), isComplete: () => clock.now() - confirmedAt < 600 }
  }

  return { server, connect, pass, tellAsOld, listen }
}

test('its messages are acted on and are gaps, and forgotten writes are not suspected', async () => {
  const { connect, pass, tellAsOld, listen } = setUp()
  const own = connect()
  await own.invalidate(['first'])
  const { heard, isComplete } = await listen()
  heard()
  tellAsOld('a')
  await pass(300)
  expect(heard()).toEqual(['gap', 'a'])
  await pass(600)
  tellAsOld('b')
  await own.invalidate(['c'])
  await pass(900)
  expect(heard().filter((one) => one !== 'gap')).toEqual(['b', 'c'])
  await own.invalidate(['d'])
  await pass(900)
  expect(heard()).toEqual(['d'])
  expect(isComplete()).toBe(true)
})

test('a log that it has begun and written alone is gone on with', async () => {
  const { connect, pass, tellAsOld, listen } = setUp()
  for (const key of ['a', 'b', 'c']) tellAsOld(key)
  const { heard, isComplete } = await listen()
  expect(heard()).toEqual(['gap'])
  await connect().invalidate(['d'])
  await pass(600)
  expect(heard()).toEqual(['d'])
  expect(isComplete()).toBe(true)
})

test('a history that it has written another time is forgotten writes all the same', async () => {
  const { server, connect, pass, tellAsOld, listen } = setUp()
  const { heard } = await listen()
  const goBack = server.snapshot()
  await connect().invalidate(['a'])
  await pass(600)
  heard()
  goBack()
  tellAsOld('b')
  await pass(900)
  expect(heard()).toContain('lost')
})

test('it reads what this release sends', async () => {
  const { server, connect } = setUp()
  const payloads: string[] = []
  server.subscribe(CHANNEL, false, (payload) => void payloads.push(payload))
  await connect().invalidateTags(['tag ]', '"'])
  const told = parseMessage(payloads[0]!)
  expect(told).toMatchObject({ number: 1, id: expect.stringMatching(/^1-/), before: expect.stringMatching(/^0-/) })
  const { epoch, sender, message } = told!
  expect(readByOld(payloads[0]!)).toEqual({ epoch, number: '1', sender, ...message })
})
