import { inspect } from 'node:util'

import { expect, test } from 'vitest'

import type { PurgeClientOptions } from '../src/purge-request.ts'
import { sendPurge } from '../src/purge-request.ts'
import type { Reply } from './purge-api.ts'
import { cut, reply, startApi } from './purge-api.ts'

const TOKEN = 'secret-token-1234567890'
const ok = reply(200, { done: true })

function purge(client: PurgeClientOptions, signal?: AbortSignal): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const isDone = (answer: unknown): boolean => (answer as { done?: boolean } | undefined)?.done === true
  const request = { provider: 'Test', url: 'https://api.test/purge', headers, body: { tags: ['a'] }, isDone }
  return sendPurge(request, { ...client, signal })
}

const thrownBy = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test.each([
  ['429', reply(429, {})],
  ['408', reply(408, {})],
  ['500', reply(500, {})],
  ['503', reply(503, {})],
  ['a connection that is cut', cut],
  ['a good status with another body', reply(200, {})],
])('%s is tried again, after pauses that double', async (_, failing) => {
  await using api = await startApi(failing, failing, failing, ok)
  await purge(api.client)
  expect(api.received).toHaveLength(4)
  expect(api.pauses).toHaveLength(3)
  for (const [i, ms] of api.pauses.entries()) {
    expect(ms).toBeGreaterThan(250 * 2 ** i - 1)
    expect(ms).toBeLessThanOrEqual(500 * 2 ** i)
  }
  expect(api.deadlines.size).toBe(0)
})

test.each([400, 401, 403, 404, 413, 422])('%d is not tried again', async (status) => {
  await using api = await startApi(reply(status, {}))
  await expect(purge(api.client)).rejects.toThrow(`Test failed: it answered ${status}; given up at attempt 1 of 5`)
  expect(api.received).toHaveLength(1)
})

test('an API that stays away is given up after five attempts', async () => {
  await using api = await startApi(reply(503, {}))
  await expect(purge(api.client)).rejects.toThrow('it answered 503; given up at attempt 5 of 5')
  expect(api.received).toHaveLength(5)
})

test('Retry-After is waited for: in seconds, and as a date from the Date of the same answer', async () => {
  const date = { date: 'Tue, 24 Nov 2026 10:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 10:01:30 GMT' }
  await using api = await startApi(reply(429, {}, { 'retry-after': '7' }), reply(503, {}, date), ok)
  await purge(api.client)
  expect(api.pauses).toEqual([7000, 90_000])
})

test.each(['', '-5', '0', 'soon', '1e9', 'Tue, 24 Nov 2020 10:00:00 GMT'])(
  'a Retry-After of %j shortens no pause',
  async (value) => {
    await using api = await startApi(reply(429, {}, { 'retry-after': value }), ok)
    await purge(api.client)
    expect(api.pauses[0]).toBeGreaterThanOrEqual(250)
    expect(api.pauses[0]).toBeLessThanOrEqual(500)
  },
)

test('an API that asks for an hour is given up at once', async () => {
  await using api = await startApi(reply(429, {}, { 'retry-after': '3600' }), ok)
  await expect(purge(api.client)).rejects.toThrow('answered 429; given up at attempt 1 of 5')
  expect(api.received).toHaveLength(1)
})

test('an API that hangs, before or within its answer, is given up after 10 s and tried again', async () => {
  const hang = (): void => api.expire()
  const halfway: Reply = (response) => {
    response.writeHead(200)
    response.write('{', () => api.expire())
  }
  await using api = await startApi(hang, halfway, ok)
  await purge(api.client)
  expect(api.received).toHaveLength(3)
  expect(api.deadlines.size).toBe(0)
})

test('a fetch that ignores its signal or throws at once holds nothing up', async () => {
  await using api = await startApi(ok)
  let calls = 0
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    calls++
    if (calls === 1) throw new Error('not ready')
    if (calls > 2) return api.client.fetch(url, init)
    setImmediate(api.expire)
    return new Promise(() => {})
  }
  await purge({ ...api.client, fetch })
  expect(calls).toBe(3)
})

test('neither the token nor the error of a fetch, which may hold it, is in the error', async () => {
  await using api = await startApi(ok)
  const leaky = async (_url: string, init: RequestInit): Promise<Response> => {
    throw Object.assign(new Error(`request failed: ${JSON.stringify(init.headers)}`), { config: init })
  }
  const error = await thrownBy(purge({ ...api.client, fetch: leaky }))
  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(TOKEN)
  expect(String(error)).toContain('it could not be reached')
})

test('once the signal is aborted, a pause ends and what is tried then is the last attempt', async () => {
  await using api = await startApi(reply(503, {}, { 'retry-after': '60' }))
  const signal = new AbortController()
  const clock = {
    now: () => 0,
    after(ms: number) {
      // nobody waits for this pause to end by itself
      if (ms === 60_000) setImmediate(() => signal.abort())
      return () => {}
    },
  }
  await expect(purge({ ...api.client, clock }, signal.signal)).rejects.toThrow('given up at attempt 2 of 5')
  expect(api.received).toHaveLength(2)
  await expect(purge({ ...api.client, clock }, signal.signal)).rejects.toThrow('given up at attempt 1 of 5')
  expect(api.received).toHaveLength(3)
})
