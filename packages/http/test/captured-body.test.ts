import { expect, test } from 'vitest'

import { captureBody } from '../src/captured-body.ts'
import { ORIGIN, serve, settled } from './serve.ts'

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const textOf = (body: Uint8Array | string): string =>
  typeof body === 'string' ? `no: ${body}` : new TextDecoder().decode(body)

/** A source that is fed by hand. */
function source() {
  const seen = { pulls: 0, cancelled: false }
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      pull: () => void seen.pulls++,
      cancel: () => void (seen.cancelled = true),
    },
    { highWaterMark: 0 },
  )
  return {
    stream,
    seen,
    give: (text: string) => controller.enqueue(bytes(text)),
    end: () => controller.close(),
    fail: () => controller.error(new Error('broken')),
  }
}

/** A source that gives as much as it is asked for. */
function endless(size: number) {
  const seen = { given: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.given++
        controller.enqueue(new Uint8Array(size))
      },
      cancel: () => void (seen.cancelled = true),
    },
    { highWaterMark: 0 },
  )
  return { stream, seen }
}

test('a source that has many small chunks at hand leaves turns to others', async () => {
  let turns = 0
  const counting = setInterval(() => turns++)
  const all = new Uint8Array(20_000)
  let at = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at === all.length) controller.close()
      else controller.enqueue(all.subarray(at, ++at))
    },
  })
  const { live, whole } = captureBody(stream, all.length)
  expect(await whole).toEqual(all)
  expect(await new Response(live).bytes()).toEqual(all)
  clearInterval(counting)
  expect(turns).toBeGreaterThan(5)
})

test.each([
  ['all of it at once', true],
  ['bit by bit', false],
])('RFC 9111 §3.3: a body of less than its length breaks off and is not stored, %s', async (_, isAtOnce) => {
  const { stream, give, end } = source()
  const { fetch, ask, requests } = serve(
    (_request, run) =>
      new Response(run === 1 ? stream : 'whole', { headers: run === 1 ? { 'content-length': '7' } : {} }),
    { ttl: '1m' },
  )
  const feed = (): void => {
    give('half')
    end()
  }
  if (isAtOnce) feed()
  const response = await fetch(new Request(`${ORIGIN}/x`))
  const text = response.text()
  if (isAtOnce) expect(response.headers.get('cache-status')).toContain('detail=incomplete')
  else feed()
  // whoever waited for the rest would wait for ever
  await expect(text).rejects.toThrow('4 of the 7 bytes')
  expect((await ask('/x')).text).toBe('whole')
  expect(requests).toHaveLength(2)
})

test('a body that was decoded on its way may be shorter than its length', async () => {
  const headers = { 'content-length': '24', 'content-encoding': 'gzip' }
  const { ask } = serve(() => new Response('{}', { headers }), { ttl: '1m' })
  expect((await ask('/x')).text).toBe('{}')
})

test('each chunk reaches the client before the next one has come, and all of them are kept', async () => {
  const { stream, give, end } = source()
  const { live, whole } = captureBody(stream, 100)
  const reader = live.getReader()
  for (const text of ['one ', 'two ']) {
    give(text)
    expect(textOf((await reader.read()).value!)).toBe(text)
  }
  give('three')
  end()
  expect(textOf(await whole)).toBe('one two three')
  expect(textOf((await reader.read()).value!)).toBe('three')
  expect((await reader.read()).done).toBe(true)
})

test('an empty body is a whole one', async () => {
  const { stream, end } = source()
  const { live, whole } = captureBody(stream, 100)
  end()
  expect(textOf(await whole)).toBe('')
  expect(await new Response(live).text()).toBe('')
})

test('a client that reads nothing does not hold up the capture', async () => {
  const { stream, give, end } = source()
  const { whole } = captureBody(stream, 100)
  for (let i = 0; i < 10; i++) give('0123456789')
  end()
  expect(textOf(await whole)).toHaveLength(100)
})

test('a client that goes away takes nothing from the capture', async () => {
  const { stream, give, end, seen } = source()
  const { live, whole } = captureBody(stream, 100)
  const reader = live.getReader()
  give('first ')
  await reader.read()
  await reader.cancel()
  give('second')
  end()
  expect(textOf(await whole)).toBe('first second')
  expect(seen.cancelled).toBe(false)
})

test('a body of exactly the limit is kept, and one byte more is not', async () => {
  for (const [size, kept] of [
    [100, 'x'.repeat(100)],
    [101, 'no: too-large'],
  ] as const) {
    const { stream, give, end } = source()
    const { live, whole } = captureBody(stream, 100)
    const read = new Response(live).text()
    give('x'.repeat(50))
    give('x'.repeat(size - 50))
    end()
    expect(textOf(await whole)).toBe(kept)
    expect(await read).toHaveLength(size)
  }
})

test('from the limit on the source goes at the pace of the client', async () => {
  const { stream, seen } = endless(10)
  const { live, whole } = captureBody(stream, 95)
  expect(await whole).toBe('too-large')
  await settled()
  const ahead = seen.given
  expect(ahead).toBeLessThanOrEqual(11)
  const reader = live.getReader()
  for (let i = 0; i < ahead + 5; i++) await reader.read()
  await settled()
  expect(seen.given - ahead).toBeGreaterThan(0)
  expect(seen.given - ahead).toBeLessThanOrEqual(7)
  await reader.cancel()
  await settled()
  expect(seen.cancelled).toBe(true)
})

test('a client that has gone before the limit is reached lets the source be cancelled there', async () => {
  const { stream, seen } = endless(10)
  const { live, whole } = captureBody(stream, 95)
  await live.cancel()
  expect(await whole).toBe('too-large')
  await settled()
  expect(seen.cancelled).toBe(true)
  expect(seen.given).toBeLessThanOrEqual(11)
})

test('what breaks off is not whole, and the client learns that it broke', async () => {
  const { stream, give, fail } = source()
  const { live, whole } = captureBody(stream, 100)
  const reader = live.getReader()
  give('half')
  await reader.read()
  fail()
  expect(await whole).toBe('incomplete')
  await expect(reader.read()).rejects.toThrow('broken')
})

/** A stream of whatever it is given. */
const streamOf = (...chunks: readonly unknown[]): ReadableStream<Uint8Array> =>
  new ReadableStream<unknown>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  }) as ReadableStream<Uint8Array>

test.each([
  ['kept', 100, 'one zwölf €'],
  ['too large to be kept', 5, 'no: too-large'],
])('text is UTF-8 for the client and in what is %s', async (_what, most, kept) => {
  const { live, whole } = captureBody(streamOf('one ', bytes('zw'), 'ölf', ' €', ''), most)
  expect(await new Response(live).text()).toBe('one zwölf €')
  expect(textOf(await whole)).toBe(kept)
})

test.each([
  ['an ArrayBuffer', new ArrayBuffer(3)],
  ['another view', new Uint16Array([1, 2])],
  ['a number', 5],
  ['an object', { length: 2 }],
  ['null', null],
])('what is neither bytes nor text (%s) breaks the body off, as servers do', async (_what, chunk) => {
  const { stream, seen, give } = source()
  const odd = stream.pipeThrough(new TransformStream({ transform: (_bytes, to) => to.enqueue(chunk) }))
  const { live, whole } = captureBody(odd, 100)
  give('half')
  expect(await whole).toBe('incomplete')
  await expect(new Response(live).text()).rejects.toThrow('neither bytes nor text')
  await settled()
  expect(seen.cancelled).toBe(true)
})

test('a body in pieces of text is stored as it is sent, and one of anything else not at all', async () => {
  const { ask, fetch, requests } = serve(
    (request) => new Response(request.url.endsWith('/text') ? streamOf('hello ', 'world') : streamOf('hello ', 5)),
    { ttl: '1m' },
  )
  for (let i = 0; i < 2; i++) expect((await ask('/text')).text).toBe('hello world')
  expect(requests).toHaveLength(1)
  for (let i = 0; i < 2; i++) {
    await expect(fetch(new Request(`${ORIGIN}/odd`)).then((response) => response.text())).rejects.toThrow(TypeError)
    await settled()
  }
  expect(requests).toHaveLength(3)
})

test('a released capture keeps nothing and lets the client go on', async () => {
  const { stream, give, end } = source()
  const { live, whole, release } = captureBody(stream, 100)
  const read = new Response(live).text()
  give('first ')
  await settled()
  release()
  release()
  expect(await whole).toBe('too-slow')
  give('second')
  end()
  expect(await read).toBe('first second')
})

test('a miss streams through the cache while it is stored, and whoever comes meanwhile gets the whole', async () => {
  const { stream, give, end } = source()
  const { fetch, requests, ask } = serve(() => new Response(stream), { ttl: '1m' })
  const response = await fetch(new Request(`${ORIGIN}/x`))
  const reader = response.body!.getReader()
  give('first ')
  expect(textOf((await reader.read()).value!)).toBe('first ')
  const follower = ask('/x')
  await settled()
  give('second')
  end()
  expect((await follower).text).toBe('first second')
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(1)
})

test('the client of a miss may leave: the fill goes on', async () => {
  const { stream, give, end } = source()
  const { fetch, ask, requests } = serve(() => new Response(stream), { ttl: '1m' })
  const response = await fetch(new Request(`${ORIGIN}/x`))
  give('first ')
  await response.body!.cancel()
  const follower = ask('/x')
  await settled()
  give('second')
  end()
  expect((await follower).text).toBe('first second')
  expect(requests).toHaveLength(1)
})

test('RFC 9111 §3.3: nothing is stored of a body that breaks off, and who waited has one of their own', async () => {
  const broken = source()
  const { fetch, ask, requests } = serve((_request, run) => new Response(run === 1 ? broken.stream : 'whole'), {
    ttl: '1m',
  })
  const response = await fetch(new Request(`${ORIGIN}/x`))
  const follower = ask('/x')
  broken.give('half')
  await settled()
  broken.fail()
  await expect(response.text()).rejects.toThrow('broken')
  expect((await follower).text).toBe('whole')
  expect((await ask('/x')).text).toBe('whole')
  expect(requests.length).toBeLessThanOrEqual(3)
})

test('RFC 9111 §3.3: a body that is longer than announced is not stored', async () => {
  const { ask, requests } = serve(() => new Response('whole', { headers: { 'content-length': '4' } }), { ttl: '1m' })
  for (const _ of [1, 2]) expect((await ask('/x')).text).toBe('whole')
  expect(requests).toHaveLength(2)
})

test.each([
  ['known from the start', { 'content-length': '101' }],
  ['known at the end', {}],
])('a body that is too large, as is %s, is handed on whole and not stored', async (_what, headers) => {
  const { ask, requests } = serve(() => new Response('x'.repeat(101), { headers }), { ttl: '1m', maxBodySize: 100 })
  const first = await ask('/x')
  const answers = [first, ...(await Promise.all([ask('/x'), ask('/x')]))]
  for (const { text } of answers) expect(text).toHaveLength(101)
  expect(requests).toHaveLength(3)
  if ('content-length' in headers) expect(first.cacheStatus).toBe('fwd=uri-miss;fwd-status=200;detail=too-large')
})

test('a fill that takes longer than it may is not stored, and goes on for its client', async () => {
  const { stream, give, end } = source()
  const { fetch, ask, pass, requests } = serve((_request, run) => new Response(run === 1 ? stream : 'quick'), {
    ttl: '1m',
    maxFillTime: '10s',
  })
  const response = await fetch(new Request(`${ORIGIN}/x`))
  give('first ')
  const follower = ask('/x')
  await settled()
  await pass(10_001)
  expect((await follower).text).toBe('quick')
  give('second')
  end()
  expect(await response.text()).toBe('first second')
  expect((await ask('/x')).text).toBe('quick')
  expect(requests.length).toBeLessThanOrEqual(3)
})

test.each(['before', 'after'])(
  'a client that leaves %s the time that a fill may take is over lets the source be cancelled then',
  async (when) => {
    const { stream, give, seen } = source()
    const { fetch, pass } = serve(() => new Response(stream), { ttl: '1m', maxFillTime: '10s' })
    const { body } = await fetch(new Request(`${ORIGIN}/x`))
    give('first ')
    if (when === 'before') await body!.cancel()
    await settled()
    expect(seen.cancelled).toBe(false)
    await pass(10_001)
    if (when === 'after') await body!.cancel()
    await settled()
    expect(seen.cancelled).toBe(true)
  },
)
