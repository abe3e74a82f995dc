import { expect, test } from 'vitest'

import { ORIGIN, readingOf, serve, settled } from './serve.ts'

/** In which ways a handler can see that its client has gone. Each is made when it begins, and asked after that. */
const WAYS: Record<string, (request: Request) => () => boolean> = {
  'signal.aborted': (request) => () => request.signal.aborted,
  'signal.aborted from the beginning': ({ signal }) => {
    return () => signal.aborted
  },
  'signal.reason': (request) => () => request.signal.reason !== undefined,
  'the event of the signal': ({ signal }) => {
    let isHeard = false
    signal.addEventListener('abort', () => (isHeard = true))
    return () => isHeard
  },
  'a signal of several': ({ signal }) => {
    const any = AbortSignal.any([signal])
    return () => any.aborted
  },
  'the signal of a copy': (request) => () => request.clone().signal.aborted,
}

const ROWS = ['one;', 'two;', 'three;']

function gate() {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

type Left = (request: Request, gone: Promise<void>) => Response | Promise<Response>

/** A handler that loses its client while another one waits. */
async function left(handler: Left) {
  const { opened, open } = gate()
  const served = serve((request) => handler(request, opened), { ttl: '1m' })
  const leaving = new AbortController()
  const leader = served.fetch(new Request(`${ORIGIN}/`, { signal: leaving.signal })).catch(() => undefined)
  await settled()
  const follower = served.fetch(new Request(`${ORIGIN}/`)).then(readingOf)
  await settled()
  leaving.abort()
  void leader.then((response) => response?.body?.cancel().catch(() => {}))
  await settled()
  open()
  return { ...served, follower }
}

test.each(Object.keys(WAYS))(
  'a body that would end for a client that has gone goes on for others: %s',
  async (name) => {
    const { follower, ask, requests } = await left((request, gone) => {
      const isGone = WAYS[name]!(request)
      const rows = [...ROWS]
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const row = rows.shift()
          if (row === undefined || isGone()) return controller.close()
          controller.enqueue(new TextEncoder().encode(row))
          await gone
        },
      })
      return new Response(body)
    })
    expect((await follower).text).toBe(ROWS.join(''))
    expect((await ask('/')).text).toBe(ROWS.join(''))
    expect(requests).toHaveLength(1)
  },
)

test.each(Object.keys(WAYS))(
  'a handler that would give a client that has gone no answer gives others theirs: %s',
  async (name) => {
    const { follower, ask, requests } = await left(async (request, gone) => {
      const isGone = WAYS[name]!(request)
      await gone
      return isGone() ? new Promise<Response>(() => {}) : new Response('whole')
    })
    expect((await follower).text).toBe('whole')
    expect((await ask('/')).text).toBe('whole')
    expect(requests).toHaveLength(1)
  },
)

/** What a handler sees of its signal when it has answered nothing, and when it has answered for one client only. */
function signalled(headers: Record<string, string> = {}) {
  const signals: AbortSignal[] = []
  const body = () => new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
  const served = serve(
    ({ signal }) => {
      signals.push(signal)
      return 'cache-control' in headers ? new Response(body(), { headers }) : new Promise<Response>(() => {})
    },
    { ttl: '1m', maxFillTime: 1000 },
  )
  const leaving = new AbortController()
  const asked = served.fetch(new Request(`${ORIGIN}/`, { signal: leaving.signal })).catch(() => undefined)
  return { ...served, signals, leaving, asked }
}

test('after maxFillTime a handler is told that its client has gone, then or later', async () => {
  const early = signalled()
  await settled()
  early.leaving.abort('gone')
  await early.pass(999)
  expect(early.signals.map(({ aborted }) => aborted)).toEqual([false])
  await early.pass(1)
  expect(early.signals.map(({ reason }): unknown => reason)).toEqual(['gone'])
})

test('a client that stays gets what is made after maxFillTime', async () => {
  const { signals, leaving, pass } = signalled()
  await pass(2000)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  leaving.abort()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('what is not stored ends with its client', async () => {
  const { signals, leaving, asked } = signalled({ 'cache-control': 'private' })
  expect((await asked)?.status).toBe(200)
  await settled()
  leaving.abort()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('a refresh, which has no client, is told when maxFillTime has passed', async () => {
  const signals: AbortSignal[] = []
  const { ask, pass } = serve(
    ({ signal }, run) => {
      signals.push(signal)
      return run === 1 ? new Response('stale') : new Promise<Response>(() => {})
    },
    { ttl: 1000, staleWhileRevalidate: '1m', maxFillTime: 5000 },
  )
  await ask('/')
  await pass(2000)
  expect((await ask('/')).text).toBe('stale')
  await pass(4999)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
  await pass(1)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
})
