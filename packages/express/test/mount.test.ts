import { describe, expect, test } from 'vitest'

import type { WebHandler } from '../src/index.ts'
import { mount } from '../src/index.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  async function served(handler: (request: Request) => Promise<Response> | Response, parser: 'json' | 'none' = 'none') {
    const app = express()
    if (parser === 'json') app.use(express.json())
    app.use('/under', mount(handler, { maxBodySize: 100 }))
    return serve(app)
  }

  test('a handler on web standards gets the request, and its response is sent', async () => {
    const server = await served(async (request) => {
      const headers = new Headers({ 'X-Url': request.url, 'X-Sent': request.headers.get('x-sent') ?? '' })
      headers.append('Set-Cookie', 'a=1')
      headers.append('Set-Cookie', 'b=2')
      return new Response(`${request.method} ${await request.text()}`, { status: 201, headers })
    })
    const got = await server.get('/under//b?c=%20d', { method: 'PUT', body: 'body', headers: { 'x-sent': ['1', '2'] } })
    expect([got.status, got.text]).toEqual([201, 'PUT body'])
    expect(got.header('x-url')).toBe(`${server.url}/under//b?c=%20d`)
    expect(got.header('x-sent')).toBe('1, 2')
    expect(got.lines('set-cookie')).toEqual(['a=1', 'b=2'])
  })

  test('a body that a parser has read already is there all the same', async () => {
    const server = await served(async (request) => Response.json(await request.json()), 'json')
    const headers = { 'content-type': 'application/json' }
    expect((await server.get('/under', { method: 'POST', body: '{"a": [1]}', headers })).text).toBe('{"a":[1]}')
  })

  test('a body is there byte by byte where something in front has named an encoding', async () => {
    const app = express()
    app.use((req, _res, next) => {
      req.setEncoding('latin1')
      next()
    })
    app.use(mount(async (request) => new Response(await request.text())))
    const server = await serve(app)
    expect((await server.get('/', { method: 'POST', body: 'crème brûlée' })).text).toBe('crème brûlée')
  })

  test('a body that is too large is refused, announced or not', async () => {
    const server = await served(async (request) => new Response(await request.text()))
    expect((await server.get('/under', { method: 'POST', body: 'x'.repeat(101) })).status).toBe(413)
    const chunked = { 'transfer-encoding': 'chunked', 'content-length': [] }
    expect((await server.get('/under', { method: 'POST', body: 'x'.repeat(101), headers: chunked })).status).toBe(413)
    expect((await server.get('/under', { method: 'POST', body: 'x'.repeat(100) })).status).toBe(200)
  })

  test('what the handler throws reaches the error handlers', async () => {
    const server = await served(() => Promise.reject(Object.assign(new Error('no'), { status: 418 })))
    expect((await server.get('/under')).status).toBe(418)
  })
})

test.each<[message: string, handler: unknown, options?: object]>([
  ['maxBodySize must be a whole number from 0; received "1mb"', () => new Response(''), { maxBodySize: '1mb' }],
  ['maxBodySize must be a whole number from 0; received -1', () => new Response(''), { maxBodySize: -1 }],
  ["options of mount(): there is no option 'limit'", () => new Response(''), { limit: 100 }],
  ['handler must be a function; received undefined', undefined],
])('what is no option, or a wrong one, is told when it is given: %s', (message, handler, options) => {
  expect(() => mount(handler as WebHandler, options)).toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining(message) }),
  )
})
