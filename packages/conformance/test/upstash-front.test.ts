import type { UpstashFront } from '@shelflife/conformance/upstash'
import { upstashFront } from '@shelflife/conformance/upstash'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { Redis } from '@upstash/redis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

let server: RedisServer
let front: UpstashFront
beforeAll(async () => {
  server = await startRedis()
  front = await upstashFront({ redis: server.url, maxRequestBytes: 10_000 })
})
afterEach(() => {
  front.inject = undefined
})
afterAll(async () => {
  await front.stop()
  await front.stop()
  await server.stop()
})

interface Asked {
  readonly method?: string
  readonly body?: BodyInit
  readonly headers?: Record<string, string>
}

const ask = (path: string, { method = 'POST', body, headers = {} }: Asked = {}): Promise<Response> =>
  fetch(`${front.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${front.token}`, ...headers },
    ...(body !== undefined && { body }),
  })

/** Status and body. */
async function said(path: string, asked?: Asked): Promise<unknown[]> {
  const response = await ask(path, asked)
  return [response.status, await response.json()]
}

const command = (...words: unknown[]): Asked => ({ body: JSON.stringify(words) })
const base64 = { 'Upstash-Encoding': 'base64' }
const resp2 = { 'Upstash-Response-Format': 'resp2' }

describe('a token', () => {
  const PATHS = ['/', '/pipeline', '/multi-exec', '/get/key', '/subscribe/channel']

  test.each(PATHS)('is asked for on %s', async (path) => {
    for (const headers of [{ Authorization: '' }, { Authorization: 'Bearer wrong' }, { Authorization: 'Basic eDp5' }]) {
      const [status, body] = await said(path, { ...command('GET', 'key'), headers })
      expect(status).toBe(401)
      expect(body).toEqual({ error: expect.stringMatching(/^WRONGPASS|^Unauthorized/) })
    }
  })

  test('may stand in the query', async () => {
    const response = await fetch(`${front.url}/echo/hello?_token=${front.token}`)
    expect(await response.json()).toEqual({ result: 'hello' })
  })
})

describe('a command', () => {
  test('stands in the body as JSON', async () => {
    expect(await said('/', command('SET', 'body', 'värde', 'EX', 100))).toEqual([200, { result: 'OK' }])
    expect(await said('/', command('get', 'body'))).toEqual([200, { result: 'värde' }])
    expect(await server.command('TTL', 'body')).toBe(100)
    expect(await said('/', command('MGET', 'body', 'none'))).toEqual([200, { result: ['värde', null] }])
    expect(await said('/', command('INCR', 'number'))).toEqual([200, { result: 1 }])
  })

  test('stands in the path, with a value in the body and the rest in the query', async () => {
    expect(await said('/set/a%2Fb/1')).toEqual([200, { result: 'OK' }])
    expect(await said('/get/a%2Fb', { method: 'GET' })).toEqual([200, { result: '1' }])
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(await said('/set/bytes?PX=60000&NX', { method: 'PUT', body: bytes })).toEqual([200, { result: 'OK' }])
    expect(await server.command('PTTL', 'bytes')).toBeGreaterThan(59_000)
    const answer = await ask('/get/bytes', { method: 'GET', headers: resp2 })
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(
      Buffer.concat([Buffer.from('$256\r\n'), bytes, Buffer.from('\r\n')]),
    )
  })

  test('is answered in base64 where that is asked for, but for OK', async () => {
    expect(await said('/', { ...command('SET', 'key', 'é'), headers: base64 })).toEqual([200, { result: 'OK' }])
    expect(await said('/', { ...command('GET', 'key'), headers: base64 })).toEqual([200, { result: 'w6k=' }])
    const script = "return {1, 'x', {'y'}, false}"
    expect(await said('/', { ...command('EVAL', script, 0), headers: base64 })).toEqual([
      200,
      { result: [1, 'eA==', ['eQ=='], null] },
    ])
  })

  test('that fails is answered with 400 and the error', async () => {
    const wrong = [400, { error: expect.stringMatching(/^ERR /) }]
    expect(await said('/', command('GET'))).toEqual(wrong)
    expect(await said('/nonsense/x')).toEqual(wrong)
    expect(await said('/', { body: 'no json' })).toEqual(wrong)
    expect(await said('/', command('GET', { an: 'object' }))).toEqual(wrong)
    expect(await said('/', command())).toEqual(wrong)
    for (const name of ['SUBSCRIBE', 'BLPOP', 'SELECT', 'MULTI'])
      expect(await said('/', command(name, 1))).toEqual(wrong)
    expect(await said('/', command('EVALSHA', 'f'.repeat(40), 0))).toEqual([
      400,
      { error: expect.stringMatching(/^NOSCRIPT /) },
    ])
    expect(await said('/', { ...command('GET', 'key'), headers: { 'Upstash-Response-Format': 'xml' } })).toEqual(wrong)
    expect(await said('/', { ...command('GET', 'key'), headers: { ...resp2, ...base64 } })).toEqual(wrong)
  })

  test('of another method or of too many bytes is refused', async () => {
    expect((await said('/get/key', { method: 'DELETE' }))[0]).toBe(405)
    expect(await said('/', command('SET', 'key', 'x'.repeat(10_000)))).toEqual([
      413,
      { error: expect.stringContaining('max request size exceeded') },
    ])
  })
})

describe('several commands', () => {
  const PARTS = [
    ['SET', 'many', 'x'],
    ['INCR', 'many'],
    ['GET', 'many'],
  ]
  const results = [{ result: 'OK' }, { error: expect.stringMatching(/^ERR /) }, { result: 'x' }]

  test.each(['/pipeline', '/multi-exec'])('of %s are answered one by one', async (path) => {
    expect(await said(path, command(...PARTS))).toEqual([200, results])
    expect(await said(path, command())).toEqual([400, { error: expect.any(String) }])
    expect(await said(path, command('SET', 'key', 'value'))).toEqual([400, { error: expect.any(String) }])
  })

  test('of a transaction with one that is unknown are not carried out', async () => {
    const [status, body] = await said('/multi-exec', command(['SET', 'discarded', 'x'], ['NONSENSE']))
    expect([status, body]).toEqual([400, { error: expect.stringMatching(/^EXECABORT /) }])
    expect(await server.command('EXISTS', 'discarded')).toBe(0)
  })

  test('of a pipeline are answered in RESP2, those of a transaction are not', async () => {
    const pipeline = await ask('/pipeline', { ...command(['SET', 'r', 'x'], ['GET', 'r']), headers: resp2 })
    expect(await pipeline.text()).toBe('+OK\r\n$1\r\nx\r\n')
    const transaction = await ask('/multi-exec', { ...command(['GET', 'r']), headers: resp2 })
    expect(await transaction.json()).toEqual([{ result: 'x' }])
  })
})

test('a subscription is told what is published', async () => {
  const response = await ask('/subscribe/news', { headers: { Accept: 'text/event-stream' } })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  const hear = async (what: string): Promise<void> => {
    while (!heard.includes(what)) heard += (await reader.read()).value ?? ''
  }
  await hear('data: subscribe,news,1')
  expect(await said('/publish/news/hello')).toEqual([200, { result: 1 }])
  await hear('data: message,news,hello')
  await reader.cancel()
  await vi.waitFor(async () => expect(await server.command('PUBSUB', 'NUMSUB', 'news')).toEqual(['news', 0]))
})

test('the client of Upstash finds what it expects, as it comes', async () => {
  const redis = new Redis({ url: front.url, token: front.token })
  await redis.set('object', { a: [1, 'é'] })
  expect(await redis.get('object')).toEqual({ a: [1, 'é'] })
  expect(await Promise.all([redis.incr('count'), redis.get('none'), redis.hset('hash', { f: 1 })])).toEqual([
    1,
    null,
    1,
  ])
  expect(await redis.hgetall('hash')).toEqual({ f: 1 })
  expect(await redis.multi().set('t', 'x').get('t').exec()).toEqual(['OK', 'x'])
  expect(await redis.scriptLoad('return 1')).toMatch(/^[0-9a-f]{40}$/)
  expect(await redis.eval('return {KEYS[1], ARGV[1]}', ['k'], ['v'])).toEqual(['k', 'v'])
  await expect(new Redis({ url: front.url, token: 'wrong' }).get('object')).rejects.toThrow('WRONGPASS')
})

test('each answer has a new token for reading what was written, and the last one comes back', async () => {
  const presented: (string | undefined)[] = []
  front.inject = ({ headers }) => void presented.push(headers['upstash-sync-token'])
  const redis = new Redis({ url: front.url, token: front.token, enableAutoPipelining: false })
  for (let i = 0; i < 3; i++) await redis.incr('synced')
  expect(presented[0]).toBe('')
  expect(new Set(presented).size).toBe(3)
})

describe('a fault', () => {
  const took = async (run: () => Promise<unknown>): Promise<number> => {
    const at = performance.now()
    await run()
    return performance.now() - at
  }

  test('delays, holds back and repeats a command', async () => {
    const paths: string[] = []
    front.inject = ({ path, commands, bytes }) => {
      paths.push(`${path} ${commands[0]?.[0]} ${bytes}`)
      return { delay: 20, holdBack: 30, repeatAfter: 10 }
    }
    expect(await took(() => said('/', command('INCR', 'repeated')))).toBeGreaterThan(48)
    expect(paths).toEqual(['/ INCR 19'])
    await vi.waitFor(async () => expect(await server.command('GET', 'repeated')).toBe('2'))
  })

  test('drops a request, or its answer', async () => {
    front.inject = () => ({ drop: 'request' })
    await expect(ask('/incr/dropped')).rejects.toThrow('fetch failed')
    expect(await server.command('GET', 'dropped')).toBeNull()
    front.inject = () => ({ drop: 'answer' })
    await expect(ask('/incr/dropped')).rejects.toThrow('fetch failed')
    expect(await server.command('GET', 'dropped')).toBe('1')
  })

  test('answers something else', async () => {
    front.inject = () => ({ answer: { status: 429, body: '{"error":"slow down"}', headers: { 'Retry-After': '1' } } })
    const response = await ask('/incr/refused')
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      429,
      '1',
      { error: 'slow down' },
    ])
    expect(await server.command('GET', 'refused')).toBeNull()
  })
})

test.each<[message: string, fault: unknown]>([
  ["drop must be one of 'request', 'answer'; received \"reply\"", { drop: 'reply' }],
  ["what inject returns: there is no option 'delayed'", { delayed: 5 }],
  ['what inject returns must be an object', 'drop'],
  ['holdBack must be milliseconds from 0; received "1s"', { holdBack: '1s' }],
  ['answer must be { status, body, headers }; received 429', { answer: 429 }],
])('what is no fault is told to the client: %s', async (message, fault) => {
  front.inject = () => fault as never
  expect(await said('/', command('ECHO', 'hello'))).toEqual([500, { error: expect.stringContaining(message) }])
})

test('what injects no faults is told at once', () => {
  expect(() => (front.inject = 'drop' as never)).toThrow('inject must be a function or undefined; received "drop"')
})
