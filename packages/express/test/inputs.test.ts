import type { Request } from 'express'
import { describe, expect, test } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  /** The headers that are found to be read although nothing tells them apart. */
  async function unkeyed(read: (req: Request) => unknown, isProxyTrusted = false): Promise<string[]> {
    const found: string[] = []
    const { cache } = caching({ onUnkeyedInput: ({ name }) => void found.push(name) })
    const app = express()
    app.set('trust proxy', isProxyTrusted)
    app.get('/', cache({ ttl: '1m' }), (req, res) => {
      read(req)
      res.vary('Accept').json({ some: 'answer' })
    })
    const server = await serve(app)
    await server.get('/', { headers: { 'x-a': '1', 'x-forwarded-proto': 'https' } })
    return found
  }

  test('Express itself reads nothing that would have to be declared', async () => {
    expect(await unkeyed(() => {})).toEqual([])
    expect(await unkeyed((req) => [req.hostname, req.protocol, req.path, req.query, req.accepts('json')])).toEqual([])
  })

  test.each<[string, (req: Request) => unknown]>([
    ['req.headers', (req) => req.headers['x-a']],
    ['req.get', (req) => req.get('X-A')],
    ['in', (req) => 'x-a' in req.headers],
    ['headersDistinct', (req) => req.headersDistinct['x-a']],
    ['rawHeaders', (req) => req.rawHeaders.includes('x-a')],
    ['hasOwn', (req) => Object.hasOwn(req.headers, 'x-a')],
  ])('a header that is read with %s is noticed', async (name, read) => {
    expect(await unkeyed(read)).toEqual(name === 'rawHeaders' ? ['x-a', 'x-forwarded-proto', 'req.headers'] : ['x-a'])
  })

  test('the address of the client is an input, and so is a certificate', async () => {
    expect(await unkeyed((req) => [req.ip, req.ips])).toEqual(['req.ip', 'req.ips'])
    expect(await unkeyed((req) => [req.ip, req.ips], true)).toEqual(['req.ip', 'req.ips'])
    expect(await unkeyed((req) => [req.socket.remoteAddress, req.connection.remotePort])).toEqual([
      'req.socket.remoteAddress',
      'req.socket.remotePort',
    ])
  })

  test('the scheme is part of the key where the proxy is trusted, and its header an input where it is not', async () => {
    expect(await unkeyed((req) => [req.protocol, req.secure], true)).toEqual([])
    expect(await unkeyed((req) => req.get('x-forwarded-proto'))).toEqual(['x-forwarded-proto'])
    expect(await unkeyed((req) => req.hostname, true)).toEqual([])
  })

  test('the request is as it came once it is answered', async () => {
    const { cache } = caching()
    const app = express()
    let after: unknown
    app.use((req, res, next) => {
      res.on('finish', () => (after = [req.get('range'), Object.hasOwn(req, 'headers')]))
      next()
    })
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send('0123'))
    const server = await serve(app)
    await server.get('/', { headers: { range: 'bytes=0-1' } })
    expect(after).toEqual(['bytes=0-1', false])
  })
})
