import { serve } from '@hono/node-server'
import { createCache } from '@shelflife/core'
import { cacheResponses as expressResponses } from '@shelflife/express'
import { cacheResponses as honoResponses } from '@shelflife/hono'
import { memoryStore } from '@shelflife/memory'
import express from 'express'
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Bodies of one length each. */
const BODIES = new Map([
  ['1kB', Buffer.from(JSON.stringify({ text: 'x'.repeat(1012) }))],
  ['100kB', Buffer.from(JSON.stringify({ text: 'x'.repeat(99_989) }))],
])

const TYPE = 'application/json; charset=utf-8'
/** What a hit has beside its body: the constant is the same response, byte for byte but for the time. */
const FIELDS = {
  'content-type': TYPE,
  etag: '"x__UookHD7g425VNsDPjlA"',
  'cache-control': 'no-cache',
  age: '1',
  'cache-status': 'shelflife;hit;ttl=21599',
}
/** Between the first part of a streamed response and the rest. */
const PAUSE = 50

/**
 * An origin that answers `/bare/…` from a constant by means of the framework, `/past/…` from one past it, `/middleware/…`
 * from one in front of a handler, and `/cached/…` through the cache; `/…/stream` in two parts.
 */
function expressServer(): Server {
  const { cache } = expressResponses({ cache: createCache({ namespace: 'bench', store: memoryStore() }) })
  const app = express()
  const made = (req: express.Request<{ size: string }>, res: express.Response): void => {
    res.type(TYPE).send(BODIES.get(req.params.size))
  }
  const constant = (req: express.Request<{ size: string }>, res: express.Response): void => {
    res.set(FIELDS).send(BODIES.get(req.params.size))
  }
  const stream = async (_: express.Request, res: express.Response): Promise<void> => {
    res.type(TYPE).write('[1')
    await sleep(PAUSE)
    res.end(']')
  }
  app.get('/bare/stream', stream)
  app.get('/cached/stream', cache({ tier: 'static' }), stream)
  app.get('/bare/:size', constant)
  app.get('/past/:size', (req, res) => {
    res.writeHead(200, FIELDS).end(BODIES.get(req.params.size))
  })
  app.get('/middleware/:size', constant, made)
  app.get('/cached/:size', cache({ tier: 'static' }), made)
  return app.listen(0, '127.0.0.1')
}

function honoServer(): Server {
  const { cache } = honoResponses({ cache: createCache({ namespace: 'bench', store: memoryStore() }) })
  const app = new Hono()
  const made = (size: string): Response =>
    new Response(BODIES.get(size) as Uint8Array<ArrayBuffer>, { headers: { 'content-type': TYPE } })
  const constant = (c: Context<object, '/:size'>): Response =>
    c.body(BODIES.get(c.req.param('size')) as Uint8Array<ArrayBuffer>, 200, FIELDS)
  const stream = (): Response => {
    const parts = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('[1'))
        await sleep(PAUSE)
        controller.enqueue(Buffer.from(']'))
        controller.close()
      },
    })
    return new Response(parts, { headers: { 'content-type': TYPE } })
  }
  app.get('/bare/stream', stream)
  app.get('/cached/stream', cache({ tier: 'static' }), stream)
  app.get('/bare/:size', constant)
  app.get(
    '/past/:size',
    (c) => new Response(BODIES.get(c.req.param('size')) as Uint8Array<ArrayBuffer>, { headers: FIELDS }),
  )
  app.get(
    '/middleware/:size',
    async (c, _next) => constant(c),
    (c) => made(c.req.param('size')),
  )
  app.get('/cached/:size', cache({ tier: 'static' }), (c) => made(c.req.param('size')))
  return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
}

const server = process.argv[2] === 'express' ? expressServer() : honoServer()
server.once('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.once('disconnect', () => process.exit())
