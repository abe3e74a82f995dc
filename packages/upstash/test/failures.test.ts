import { ShelflifeError, systemClock } from '@shelflife/core'
import { expect, test } from 'vitest'

import { upstashClient } from '../src/upstash-client.ts'
import { startFront } from './front.ts'

const { front } = await startFront()
const SECRET = 'hunter2'

const clientOf = (token = front.token, url = front.url, patience = 10_000) =>
  upstashClient({ url, token, patience, clock: systemClock })

/** How a command fails, and how often it was sent. */
async function failure(command: readonly [string, ...string[]], client = clientOf()): Promise<Error> {
  const error: unknown = await client.send(command, '').then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Error)
  return error as Error
}

/** Nothing of what was sent, wherever it might be logged. */
function expectNoSecret(error: Error): void {
  const { message, stack, cause } = error
  const all = JSON.stringify([message, stack, String(cause), Object.entries(error)])
  expect(all).not.toContain(SECRET)
  expect(all).not.toContain(front.token)
}

const json = (error: string): string => JSON.stringify({ error })

test.each([
  [429, json('ERR too many requests'), 'store-rate-limited'],
  [429, '<html>429 Too Many Requests</html>', 'store-rate-limited'],
  [400, json('ERR max daily request limit exceeded. Limit: 10000, Usage: 10000'), 'store-quota-exceeded'],
  [400, json('ERR max requests limit exceeded. Limit: 500000, Usage: 500000'), 'store-quota-exceeded'],
  [400, json('ERR DB capacity quota exceeded'), 'store-quota-exceeded'],
  [413, json('ERR max request size exceeded. Limit: 10 bytes'), 'store-request-too-large'],
  [413, '<html><h1>413 Request Entity Too Large</h1></html>', 'store-request-too-large'],
  [400, json('ERR max single record size exceeded'), 'store-request-too-large'],
  [401, json('WRONGPASS invalid or missing auth token'), 'store-unauthorized'],
  [502, '<html>Bad Gateway</html>', 'store-unavailable'],
  [200, 'not JSON', 'store-unavailable'],
])('an answer of %i %s is `%s`', async (status, body, code) => {
  front.inject = () => ({ answer: { status, body } })
  // through the client, and past it
  for (const command of ['SET', 'MGET'] as const) {
    const error = await failure([command, 'key', SECRET])
    expect(error).toBeInstanceOf(ShelflifeError)
    expect(error).toMatchObject({ code })
    expectNoSecret(error)
  }
})

test('what stands in a command does not decide what its failure is', async () => {
  const error = await failure(['GET', SECRET, '429 quota too large'])
  expect(error).not.toBeInstanceOf(ShelflifeError)
  expect(error.message).toMatch(/^ERR wrong number of arguments/)
  expectNoSecret(error)
})

test('an error of the server keeps its code in front and loses the command', async () => {
  const error = await failure(['EVALSHA', 'f'.repeat(40), '0', SECRET])
  expect(error.message).toMatch(/^NOSCRIPT /)
  expectNoSecret(error)
  expectNoSecret(await failure(['NONSENSE', SECRET]))
})

test('a wrong token is told without it', async () => {
  const error = await failure(['GET', 'key'], clientOf(SECRET))
  expect(error).toMatchObject({ code: 'store-unauthorized' })
  expectNoSecret(error)
})

test('a request that is lost, or its answer, is sent once more and no more', async () => {
  for (const drop of ['request', 'answer'] as const) {
    let sent = 0
    front.inject = () => (++sent === 1 ? { drop } : undefined)
    expect(await clientOf().send(['ECHO', 'hello'], '')).toEqual(Buffer.from('hello'))
    expect(sent).toBe(2)
    sent = 0
    expect(await clientOf().send(['MGET', 'none'], '')).toEqual([null])
    expect(sent).toBe(2)

    front.inject = () => {
      sent++
      return { drop }
    }
    expect(await failure(['ECHO', SECRET])).toMatchObject({ code: 'store-unavailable' })
    expect(sent).toBe(4)
  }
})

test('what a repetition cannot help is not repeated', async () => {
  for (const [status, text] of [
    [429, 'too many requests'],
    [413, 'ERR max request size exceeded'],
    [401, 'WRONGPASS'],
    [400, 'ERR wrong'],
  ] as const) {
    let sent = 0
    front.inject = () => {
      sent++
      return { answer: { status, body: json(text) } }
    }
    await failure(['GET', 'key'])
    expect(sent).toBe(1)
  }
})

test('a request is given up after its time, and the next one is not', async () => {
  let sent = 0
  front.inject = () => (++sent === 1 ? { holdBack: 10_000 } : undefined)
  const client = clientOf(front.token, front.url, 1000)
  const at = performance.now()
  const error = await failure(['ECHO', SECRET], client)
  expect(error).toMatchObject({ code: 'store-timeout' })
  expectNoSecret(error)
  expect(performance.now() - at).toBeLessThan(8000)
  expect(sent).toBe(1)
  expect(await client.send(['ECHO', 'hello'], '')).toEqual(Buffer.from('hello'))
  sent = 0
  expect(await failure(['MGET', SECRET], client)).toMatchObject({ code: 'store-timeout' })
  expect(await client.send(['MGET', 'none'], '')).toEqual([null])
})

test('a server that is not there is told without its address', async () => {
  const error = await failure(['GET', 'key'], clientOf(front.token, 'http://127.0.0.1:1'))
  expect(error).toMatchObject({ code: 'store-unavailable' })
  expectNoSecret(error)
})

test('says nothing about the program, shows the last sync token, and asks for bytes', async () => {
  const heard: Readonly<Record<string, string>>[] = []
  front.inject = ({ headers }) => void heard.push(headers)
  const client = clientOf()
  await client.send(['SET', 'key', 'x'], '')
  await client.send(['GET', 'key'], '')
  await client.send(['MGET', 'key'], '')
  expect(Object.keys(heard[1] ?? {}).filter((name) => name.includes('telemetry'))).toEqual([])
  expect(heard[0]?.['upstash-sync-token']).toBe('')
  expect(heard[1]?.['upstash-sync-token']).toMatch(/./)
  expect(heard[1]?.['upstash-encoding']).toBe('base64')
  expect(heard[2]).toMatchObject({
    'upstash-response-format': 'resp2',
    'upstash-sync-token': expect.stringMatching(/./),
  })
  expect(heard[2]?.['upstash-sync-token']).not.toBe(heard[1]?.['upstash-sync-token'])
})
