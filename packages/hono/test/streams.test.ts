import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { expect, test } from 'vitest'

import { noStore } from '../src/index.ts'
import { ask, open } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

/** Something that happens later. */
function later<T = void>() {
  let settle = (_value: T): void => {}
  const happens = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { happens, settle }
}

test('the first bytes of a miss reach the client before the handler makes the last', async () => {
  const { cache } = openShop()
  const [half, seen] = [new TextEncoder().encode('half '), later()]
  let runs = 0
  const app = new Hono().get('/', cache(), (c) => {
    runs++
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(half)
        await seen.happens
        controller.enqueue(half)
        controller.close()
      },
    })
    return c.body(body)
  })
  const url = await listen(app)
  const response = await open(`${url}/`)
  let got = ''
  for await (const chunk of response) {
    got += String(chunk)
    seen.settle()
  }
  expect(got).toBe('half half ')
  expect((await hit(`${url}/`)).body).toBe('half half ')
  expect(runs).toBe(1)
})

test('a body in pieces of text reaches all clients as it does without a cache', async () => {
  const { cache } = openShop()
  const page = () =>
    new Response(new Blob(['<p>', 'grün', '</p>']).stream().pipeThrough(new TextDecoderStream()) as never)
  const app = new Hono().get('/plain', page).get('/cached', cache(), page)
  const url = await listen(app)
  const { body } = await ask(`${url}/plain`)
  expect([body, (await ask(`${url}/cached`)).body, (await hit(`${url}/cached`)).body]).toEqual(Array(3).fill(body))
})

test('a client that goes away in the middle leaves a whole response to others', async () => {
  const { cache } = openShop()
  const gone = later()
  let runs = 0
  const app = new Hono().get('/', cache(), (c) => {
    runs++
    const steps = ['a', 'b', 'c']
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const step = steps.shift()
        if (step === undefined) return controller.close()
        controller.enqueue(new TextEncoder().encode(step))
        await gone.happens
      },
    })
    return c.body(body)
  })
  const url = await listen(app)
  const response = await open(`${url}/`)
  await new Promise((resolve) => response.once('data', resolve))
  response.destroy()
  gone.settle()
  expect((await hit(`${url}/`)).body).toBe('abc')
  expect(runs).toBe(1)
})

test.each([
  ['stream', stream],
  ['streamText', streamText],
])('half a body of %s is not stored where `onError` says so', async (_name, send) => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache(), (c) =>
    send(
      c,
      async (to) => {
        const run = ++runs
        await to.write(`run ${run}`)
        // the head goes out meanwhile
        await to.sleep(20)
        if (run === 1) throw new Error('broken')
        await to.write(' whole')
      },
      async () => noStore(c),
    ),
  )
  const url = await listen(app)
  expect((await ask(`${url}/`)).body).toBe('run 1')
  expect((await ask(`${url}/`)).body).toBe('run 2 whole')
  expect((await hit(`${url}/`)).body).toMatch(/^run \d+ whole$/)
})

test('events arrive one by one, are made for each client, and end for the handler when the client goes', async () => {
  const { cache } = openShop()
  const aborted: number[] = []
  let runs = 0
  const app = new Hono().get('/', cache(), (c) =>
    streamSSE(c, async (stream) => {
      const run = ++runs
      stream.onAbort(() => void aborted.push(run))
      await stream.writeSSE({ data: `hello ${run}` })
      await new Promise<void>((resolve) => stream.onAbort(resolve))
    }),
  )
  const url = await listen(app)
  const first = async (): Promise<string> => {
    const response = await open(`${url}/`)
    expect(response.headers['cache-status']).toMatch(/^shelflife;fwd=/)
    const chunk: Buffer = await new Promise((resolve) => response.once('data', resolve))
    response.destroy()
    return chunk.toString()
  }
  expect(await first()).toBe('data: hello 1\n\n')
  expect(await first()).toBe('data: hello 2\n\n')
  await expect.poll(() => aborted, { interval: 5 }).toEqual([1, 2])
})

test('a body that goes on after its headers cannot read cookies that are hidden from the handler', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache({ cookies: 'ignore' }), (c) => {
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(`hello ${c.req.header('cookie')}`))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return c.body(body)
  })
  const url = await listen(app)
  expect((await ask(`${url}/`, { headers: { Cookie: 'user=alice' } })).body).toBe('hello undefined')
})

test('a handler that writes to the socket itself is left alone', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono<{ Bindings: HttpBindings }>().get('/', cache(), (c) => {
    c.env.outgoing.writeHead(200, { 'X-Run': String(++runs) }).end('by hand')
    return RESPONSE_ALREADY_SENT
  })
  const url = await listen(app)
  for (const run of ['1', '2']) {
    const { body, header } = await ask(`${url}/`)
    expect([body, header('x-run')]).toEqual(['by hand', run])
  }
})

test('a request to upgrade is passed on with nothing added', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache(), (c) => c.text(`run ${++runs}`))
  const url = await listen(app)
  await hit(`${url}/`)
  const { body, header } = await ask(`${url}/`, { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } })
  expect([body, header('cache-status')]).toEqual(['run 2', ''])
})

test('a body of less than its length breaks off, as nobody could tell it from a whole one', async () => {
  const { cache } = openShop()
  const page = () => new Response('half', { headers: { 'content-length': '8' } })
  const url = await listen(new Hono().get('/', cache(), page))
  for (const _ of [1, 2]) await expect(ask(`${url}/`)).rejects.toThrow('aborted')
})

test('a response that cannot be sent is a failure of its handler', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache(), () => Response.error())
  const failures: Error[] = []
  app.onError((error, c) => {
    failures.push(error)
    return c.text('failed', 500)
  })
  const url = await listen(app)
  expect(await ask(`${url}/`)).toMatchObject({ status: 500, body: 'failed' })
  expect(failures).toMatchObject([{ message: expect.stringContaining('Response.error()') }])
})

test('what a server says of a body of which nothing says what it is, it says of a stored one', async () => {
  const { cache } = openShop()
  const bodies = ['text', new TextEncoder().encode('bytes')]
  for (const body of bodies) {
    const page = () => new Response(body, { headers: new Headers({ 'x-page': 'yes' }) })
    const url = await listen(new Hono().get('/plain', page).get('/cached', cache(), page))
    const type = (await ask(`${url}/plain`)).header('content-type')
    expect(type).toContain('text/plain')
    expect([
      (await ask(`${url}/cached`)).header('content-type'),
      (await hit(`${url}/cached`)).header('content-type'),
    ]).toEqual([type, type])
  }
})
