import type { Context } from 'hono'
import { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import { expect, test } from 'vitest'

import { ask, open } from './serve-app.ts'
import { listen, openShop } from './shop.ts'

/** In which ways a handler can see that its client has gone. Each is made when it begins, and asked after that. */
const WAYS: Record<string, (c: Context) => () => boolean> = {
  'signal.aborted': (c) => () => c.req.raw.signal.aborted,
  'signal.aborted from the beginning': (c) => {
    const { signal } = c.req.raw
    return () => signal.aborted
  },
  'the event of the signal': (c) => {
    let isHeard = false
    c.req.raw.signal.addEventListener('abort', () => (isHeard = true))
    return () => isHeard
  },
  'the signal of a copy': (c) => () => c.req.raw.clone().signal.aborted,
}

const ROWS = ['one;', 'two;', 'three;']

type Left = (c: Context, gone: Promise<void>) => Response | Promise<Response>

/** A handler that loses its client when it is told so, while another one waits. */
async function left(handler: Left) {
  const { cache } = openShop()
  let asked = 0
  let runs = 0
  let tellGone = (): void => {}
  const gone = new Promise<void>((resolve) => (tellGone = resolve))
  const app = new Hono()
    .use(async (c, next) => {
      // the signal of the client itself, as whatever stands in front has it
      if (++asked === 1) c.req.raw.signal.addEventListener('abort', () => tellGone())
      await next()
    })
    .get('/', cache(), (c) => {
      runs++
      return handler(c, gone)
    })
  const url = `${await listen(app)}/`
  const leaving = new AbortController()
  const leader = fetch(url, { signal: leaving.signal }).catch(() => {})
  await expect.poll(() => asked, { interval: 5 }).toBe(1)
  const follower = ask(url)
  await expect.poll(() => asked, { interval: 5 }).toBe(2)
  leaving.abort()
  await leader
  const [first, later] = [(await follower).body, (await ask(url)).body]
  return { bodies: [first, later], runs }
}

test.each(Object.keys(WAYS))(
  'a stream that would end for a client that has gone goes on for others: %s',
  async (name) => {
    const { bodies, runs } = await left((c, gone) => {
      const isGone = WAYS[name]!(c)
      return streamText(c, async (stream) => {
        for (const row of ROWS) {
          if (isGone()) break
          await stream.write(row)
          await gone
        }
      })
    })
    expect([...bodies, runs]).toEqual([ROWS.join(''), ROWS.join(''), 1])
  },
)

test.each(Object.keys(WAYS))(
  'a handler that would give a client that has gone nothing gives others the whole: %s',
  async (name) => {
    const { bodies, runs } = await left(async (c, gone) => {
      const isGone = WAYS[name]!(c)
      await gone
      return isGone() ? c.body(null) : c.text('whole')
    })
    expect([...bodies, runs]).toEqual(['whole', 'whole', 1])
  },
)

test('a handler that waits for its client to go hears of it when its answer is for nobody else', async () => {
  const { cache } = openShop()
  let isAborted = false
  const app = new Hono().get('/', cache(), (c) => {
    c.req.raw.signal.addEventListener('abort', () => (isAborted = true))
    c.header('Cache-Control', 'private')
    return c.body(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) }))
  })
  const response = await open(`${await listen(app)}/`)
  await new Promise((resolve) => response.once('data', resolve))
  response.destroy()
  await expect.poll(() => isAborted, { interval: 5 }).toBe(true)
})
