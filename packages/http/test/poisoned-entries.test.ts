import { createCache } from '@shelflife/core'
import type { Codec } from '@shelflife/core'
import type { ReferenceServer } from '@shelflife/conformance'
import { createReferenceServer } from '@shelflife/conformance'
import { expect, onTestFinished, test } from 'vitest'

import { cachedFetch, createResponseCache } from '../src/index.ts'
import { asStoredResponse } from '../src/stored-response.ts'
import { msgpackCodec } from '@shelflife/msgpack'
import { ORIGIN } from './serve.ts'

interface Poisoned {
  readonly server: ReferenceServer
  /** What becomes of each value that is decoded. */
  poison: (value: Record<string, unknown>) => unknown
  ask(init?: RequestInit): Promise<{ status: number; text: string; headers: Headers }>
}

/** A service whose remote store holds what somebody else put there. There is no local store that could hide it. */
function service(): Poisoned {
  const server = createReferenceServer()
  const inner = msgpackCodec
  const poisoned = { server, poison: (value: Record<string, unknown>): unknown => value }
  const codec: Codec = {
    ...inner,
    decode: (bytes) => poisoned.poison(inner.decode(bytes) as Record<string, unknown>),
  }
  const cache = createCache({ namespace: 'test', store: server.connect(), codec })
  onTestFinished(() => cache.close())
  let runs = 0
  const fetch = cachedFetch(createResponseCache({ cache }), { ttl: '1m', staleWhileRevalidate: 0 }, () => {
    runs++
    return new Response(`run ${runs}`, { headers: { 'x-run': String(runs), etag: `"${runs}"` } })
  })
  return Object.assign(poisoned, {
    async ask(init: RequestInit = {}) {
      const response = await fetch(new Request(`${ORIGIN}/x`, init))
      return { status: response.status, headers: response.headers, text: await response.text() }
    },
  })
}

type Poison = (value: Record<string, unknown>) => unknown

const replace =
  (name: string, value: unknown): Poison =>
  (stored) => ({ ...stored, [name]: value })

const without =
  (name: string): Poison =>
  ({ [name]: _gone, ...rest }) =>
    rest

const NUMBERS = ['initialAge', 'lifetime', 'staleWhileRevalidate', 'staleIfError']

const FIELDS = ['format', 'status', 'headers', 'body', 'added', 'generation', 'vary', 'variant', 'isPublic', ...NUMBERS]

const POISONS: Readonly<Record<string, Poison>> = {
  'a value with a line break': replace('headers', [['x-a', 'a\r\nSet-Cookie: evil=1']]),
  'a value with a line feed': replace('headers', [['x-a', 'a\nSet-Cookie: evil=1']]),
  'a value with a NUL': replace('headers', [['x-a', 'a\0b']]),
  'a value that fits in no byte': replace('headers', [['x-a', 'ā']]),
  'a name with a line break': replace('headers', [['x-a\r\nSet-Cookie', 'evil=1']]),
  'a name with a colon': replace('headers', [['x-a: b', 'c']]),
  'an empty name': replace('headers', [['', 'c']]),
  'a line of three': replace('headers', [['a', 'b', 'c']]),
  'a line of one': replace('headers', [['a']]),
  'a line of numbers': replace('headers', [[1, 2]]),
  'a text for headers': replace('headers', 'x-a: b'),
  'an object for headers': replace('headers', { 'x-a': 'b' }),
  'a status of a text': replace('status', '200'),
  'a status of an interim response': replace('status', 101),
  'a status that is none': replace('status', 1000),
  'a status with a fraction': replace('status', 200.5),
  'a text for a body': replace('body', '<script>'),
  'an array for a body': replace('body', [1, 2, 3]),
  'an object with a length for a body': replace('body', { length: 3, byteLength: 3 }),
  'null for a body': replace('body', null),
  'a newer format': replace('format', 2),
  'a format of a text': replace('format', '1'),
  'numbers for what varies': replace('vary', [1]),
  'a text for what varies': replace('vary', 'accept'),
  'an object for what is ours': replace('added', { includes: 'x' }),
  'null for copies': replace('copies', null),
  'a text for copies': replace('copies', 'x'),
  'texts in copies': replace('copies', { browser: 'x', shared: 1 }),
  'copies with a hole': replace('copies', { shared: Number.NaN }),
  'a text for public': replace('isPublic', 'yes'),
  ...Object.fromEntries(
    NUMBERS.flatMap((name) =>
      [-1, Number.NaN, '60', null, [60]].map((bad) => [`${name} of ${typeof bad} ${String(bad)}`, replace(name, bad)]),
    ),
  ),
  ...Object.fromEntries(FIELDS.map((name) => [`no ${name}`, without(name)])),
  'fields under __proto__': (stored) =>
    JSON.parse(`{"__proto__":${JSON.stringify({ ...stored, body: [] })}}`) as unknown,
  'an empty object': () => ({}),
  'an array': () => [],
  'a text': () => 'HTTP/1.1 200 OK',
  'a number': () => 1,
  null: () => null,
  'a map': () => new Map([['format', 1]]),
}

test('what is not poisoned comes out of the store', async () => {
  const { ask } = service()
  expect((await ask()).text).toBe('run 1')
  await expect.poll(async () => (await ask()).headers.get('cache-status')).toMatch(/;hit/)
  expect((await ask()).text).toBe('run 1')
})

for (const [what, poison] of Object.entries(POISONS)) {
  test(`an entry with ${what} is loaded anew and answers nobody`, async () => {
    const poisoned = service()
    await poisoned.ask()
    await expect.poll(() => poisoned.server.records.size).toBe(1)
    poisoned.poison = poison
    for (const init of [{}, { method: 'HEAD' }, { headers: { 'if-none-match': '"none"' } }]) {
      const { status, text, headers } = await poisoned.ask(init)
      expect(status).toBe(200)
      expect(headers.get('x-run')).not.toBe('1')
      expect(headers.getSetCookie()).toEqual([])
      if (init.method === undefined) expect(text).toMatch(/^run [2-9]$/)
    }
    expect(({} as { format?: unknown }).format).toBeUndefined()
  })
}

test('bytes that were cut or changed are loaded anew', async () => {
  const damages: ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.slice(0, 8),
    (bytes) => bytes.slice(0, bytes.length - 1),
    () => new Uint8Array(),
    () => new TextEncoder().encode('{"format":1}'),
    (bytes) => bytes.map((byte, i) => (i === bytes.length - 3 ? byte ^ 1 : byte)),
    (bytes) => bytes.map((byte, i) => (i === 0 ? byte + 1 : byte)),
  ]
  for (const [number, damage] of damages.entries()) {
    const { ask, server } = service()
    await ask()
    await expect.poll(() => server.records.size).toBe(1)
    for (const record of server.records.values()) record.envelope = damage(record.envelope)
    expect((await ask()).text, `damage ${number}`).toBe('run 2')
  }
})

test('an entry of a codec that nobody knows is loaded anew', async () => {
  const server = createReferenceServer()
  const texts = []
  for (const [index, codec] of [msgpackCodec, { ...msgpackCodec, id: 99 }].entries()) {
    const cache = createCache({ namespace: 'test', store: server.connect(), codec })
    const fetch = cachedFetch(createResponseCache({ cache }), { ttl: '1m' }, () => new Response(`codec ${index}`))
    texts.push(await (await fetch(new Request(`${ORIGIN}/x`))).text())
    await cache.close()
  }
  expect(texts).toEqual(['codec 0', 'codec 1'])
})

test('looking at a value throws for none', () => {
  for (const value of [undefined, null, 0, '', true, () => {}, Symbol('x'), [], {}, { format: 1 }, new Date(0), 1n]) {
    expect(asStoredResponse(value)).toBeUndefined()
  }
})
