import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

/** An app that says which host it goes by. */
function hostApp(): Hono {
  const { cache } = openShop()
  return new Hono().get('/', cache({ ttl: '1m' }), (c) => c.text(`made for ${c.req.header('host')}`))
}

/** Sends lines as they are, and gives the answer as it comes. */
async function sendRaw(url: string, ...lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
  return text(socket)
}

test.each([
  ['a target in absolute form', ['GET http://victim.test/ HTTP/1.1', 'Host: evil.test']],
  ['two hosts', ['GET / HTTP/1.1', 'Host: victim.test', 'Host: evil.test']],
  ['a host in capital letters', ['GET / HTTP/1.1', 'Host: VICTIM.test']],
  ['a host with the port that is meant anyway', ['GET / HTTP/1.1', 'Host: victim.test:80']],
])('RFC 9112 §3.2.2: %s makes no entry of the other host', async (_, lines) => {
  const url = await listen(hostApp())
  for (let i = 0; i < 2; i++) {
    expect(await sendRaw(url, ...lines)).toMatch(/cache-status: shelflife;fwd=bypass;detail=host\r\n/i)
  }
  const victim = { headers: { Host: 'victim.test' } }
  expect((await ask(`${url}/`, victim)).header('cache-status')).toContain('fwd=uri-miss')
  expect((await hit(`${url}/`, victim)).body).toBe('made for victim.test')
})

test('RFC 9113 §8.3.1: an authority beside another host makes no entry of it either', async () => {
  const server = createAdaptorServer({ fetch: hostApp().fetch, createServer: createHttp2Server as never })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.close()
    server.close()
  })
  const read = async (headers: Record<string, string>) => {
    const stream = client.request({ ':path': '/', ...headers })
    const [fields] = (await once(stream, 'response')) as [Record<string, string>]
    return { body: await text(stream), status: fields['cache-status'] }
  }
  for (let i = 0; i < 2; i++) {
    const { status } = await read({ ':authority': 'victim.test', host: 'evil.test' })
    expect(status).toBe('shelflife;fwd=bypass;detail=host')
  }
  const first = await read({ ':authority': 'victim.test' })
  expect(first.status).toContain('stored')
  expect(first.body).not.toContain('evil')
  await expect.poll(async () => (await read({ ':authority': 'victim.test' })).status, { interval: 5 }).toMatch(/hit/)
})

test('a request to two hosts that changes something voids what its URI names', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono()
  app.get('/', cache({ ttl: '1m' }), (c) => c.text(`run ${++runs}`))
  app.put('/', cache(), (c) => c.body(null, 204))
  const url = await listen(app)
  const victim = { headers: { Host: 'victim.test' } }
  await hit(`${url}/`, victim)
  expect(await sendRaw(url, 'PUT http://victim.test/ HTTP/1.1', 'Host: evil.test', 'Content-Length: 0')).toContain(
    '204',
  )
  expect((await ask(`${url}/`, victim)).body).toBe('run 2')
})
