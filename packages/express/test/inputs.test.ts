import type { Express, Request, RequestHandler } from 'express'
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

  /** What there may stand between an application with the cache and one that answers. */
  const WAYS = {
    'mounted behind cache()': (main: Express, cache: RequestHandler, inner: Express) => main.use(cache).use('/', inner),
    'a handler of its own': (main: Express, cache: RequestHandler, inner: Express) => main.get('/', cache, inner),
    'called by a middleware': (main: Express, cache: RequestHandler, inner: Express) =>
      main.use(cache).use((req, res, next) => inner(req, res, next)),
  }

  describe.each(Object.entries(WAYS))('an application behind the cache: %s', (_way, put) => {
    /** What clients get, one after another, and what is found to be read meanwhile. */
    async function asked(
      read: (req: Request) => unknown,
      { main, inner, clients }: { main?: unknown; inner?: unknown; clients: readonly Record<string, string>[] },
    ) {
      const found: string[] = []
      const { cache } = caching({ onUnkeyedInput: ({ name }) => void found.push(name) })
      const [outer, app] = [express(), express()]
      if (main !== undefined) outer.set('trust proxy', main)
      if (inner !== undefined) app.set('trust proxy', inner)
      app.get('/', (req, res) => void res.json(read(req)))
      put(outer, cache({ ttl: '1m' }) as RequestHandler, app)
      const server = await serve(outer)
      const got: unknown[] = []
      for (const headers of clients) {
        const answer = await server.get('/', { headers: { host: 'a.test', ...headers } })
        got.push([JSON.parse(answer.text), answer.header('cache-status')?.includes(';hit') ?? false])
      }
      return { got, found: found.filter((name, at) => found.indexOf(name) === at) }
    }
    const HTTPS = { 'x-forwarded-proto': 'https' }
    const SHOP = { 'x-forwarded-host': 'b.test' }

    test('what it works out of a proxy that it alone trusts is not given to others', async () => {
      const how = { inner: true, clients: [{}, HTTPS, {}] }
      const ofScheme = await asked((req) => [req.protocol, req.secure], how)
      expect(ofScheme).toEqual({
        got: [
          [['http', false], false],
          [['https', true], false],
          [['http', false], false],
        ],
        found: ['x-forwarded-proto'],
      })
      const ofHost = await asked((req) => [req.hostname, req.subdomains], { inner: 'loopback', clients: [{}, SHOP] })
      expect(ofHost).toEqual({
        got: [
          [['a.test', []], false],
          [['b.test', []], false],
        ],
        found: ['x-forwarded-host'],
      })
    })

    test('nor what it works out itself where the cache goes by what a proxy says', async () => {
      const clients = [HTTPS, HTTPS, SHOP, SHOP]
      const { got, found } = await asked((req) => [req.protocol, req.hostname], { main: true, inner: false, clients })
      expect(got).toEqual(clients.map(() => [['http', 'a.test'], false]))
      expect(found).toEqual(expect.arrayContaining(['req.protocol', 'req.hostname']))
    })

    test('nothing is found where both trust the same, or nobody', async () => {
      const read = (req: Request) => [req.protocol, req.hostname]
      const clients = [
        { ...HTTPS, ...SHOP },
        { ...HTTPS, ...SHOP },
      ]
      for (const trusted of [undefined, false, true, 1, 'loopback']) {
        const { got, found } = await asked(read, { main: trusted, inner: trusted, clients })
        const value = trusted ? ['https', 'b.test'] : ['http', 'a.test']
        expect([got, found]).toEqual([
          [
            [value, false],
            [value, true],
          ],
          [],
        ])
      }
    })
  })

  test.each(['request', 'response'])(
    'a %s whose properties are made up when they are read is an input',
    async (what) => {
      const found: string[] = []
      const { cache } = caching({ onUnkeyedInput: ({ name }) => void found.push(name) })
      const [main, inner] = [express(), express()]
      inner.get('/', cache({ ttl: '1m' }), (req, res) => {
        const { user = 'nobody' } = (what === 'request' ? req : res) as { user?: string }
        res.send(user)
      })
      main.use((req, res, next) => {
        const user = req.get('x-who')
        const told = <T extends object>(object: T): T =>
          new Proxy(object, {
            get(target, name) {
              const value: unknown = name === 'user' ? user : Reflect.get(target, name)
              // Node tells a response from others by what it is
              return typeof value === 'function' && what === 'response' ? (value.bind(target) as unknown) : value
            },
          })
        if (user === undefined) inner(req, res, next)
        else inner(what === 'request' ? told(req) : req, what === 'response' ? told(res) : res, next)
      })
      const server = await serve(main)
      const names = [undefined, 'anna', 'bert', undefined]
      for (const name of names) {
        const { text } = await server.get('/', { headers: name ? { 'x-who': name } : {} })
        expect(text).toBe(name ?? 'nobody')
      }
      expect(found).toEqual(['req.Proxy'])
    },
  )

  test('a host that an application makes itself is an input', async () => {
    const found: string[] = []
    const { cache } = caching({ onUnkeyedInput: ({ name }) => void found.push(name) })
    const app = express()
    Object.defineProperty(app.request, 'hostname', {
      get(this: Request) {
        return this.get('x-shop') ?? 'nobody'
      },
    })
    app.get('/', cache({ ttl: '1m' }), (req, res) => void res.send(req.hostname))
    const server = await serve(app)
    expect((await server.get('/')).text).toBe('nobody')
    expect((await server.get('/', { headers: { 'x-shop': 'of tea' } })).text).toBe('of tea')
    expect(found).toContain('x-shop')
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
