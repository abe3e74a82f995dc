import { writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Express, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import type { Got } from './serve.ts'
import { serve } from './serve.ts'

const file = join(mkdtempSync(join(tmpdir(), 'shelflife-')), 'page.txt')
writeFileSync(file, 'a file '.repeat(20_000))

const text = 'payload '.repeat(1000)

/** Ways in which handlers answer. */
const WAYS: Readonly<Record<string, (res: Response, run: number) => void>> = {
  json: (res, run) => void res.json({ run, text }),
  send: (res, run) => void res.send(`${run} ${text}`),
  'send of bytes': (res, run) => void res.send(Buffer.from([run, 0, 255, 128])),
  sendFile: (res, run) => res.set('X-Run', String(run)).sendFile(file, { cacheControl: false }),
  pipe: (res, run) => void Readable.from([`${run} `, text, text]).pipe(res),
  'write and end': (res, run) => {
    res.write(`${run} `)
    setTimeout(() => res.end(text), 5)
  },
  'end alone': (res, run) => void res.end(`${run}`),
  'writeHead with raw headers': (res, run) => {
    res.writeHead(200, ['X-B', '1', 'X-a', '2', 'X-B', '3', 'Content-Type', 'text/plain'])
    res.end(`${run}`)
  },
  'writeHead with an object': (res, run) => {
    res.writeHead(200, 'Fine', { 'X-One': ['1', '2'], 'Content-Type': 'text/plain' })
    res.write(String(run))
    res.end()
  },
}

/** Ways in which the bytes of one header come out differently. */
const WAYS_OF_NAMES: Readonly<Record<string, (res: Response) => unknown>> = {
  pipe: (res) => Readable.from(['x']).pipe(res),
  'pipe with a length': (res) => Readable.from(['x']).pipe(res.set('Content-Length', '1')),
  download: (res) => res.download(file, 'näme.txt', { cacheControl: false }),
  send: (res) => res.send('x'),
  'end with text': (res) => res.end('x'),
  'end with bytes': (res) => res.end(Buffer.from('x')),
  'end with nothing': (res) => res.end(),
  'end with text and its encoding': (res) => res.end('x', 'latin1'),
  'a length, and end': (res) => res.set('Content-Length', '1').end('x'),
  'a length, and write': (res) => {
    res.set('Content-Length', '1').write('x')
    res.end()
  },
  'a length, and write of bytes': (res) => {
    res.set('Content-Length', '1').write(Buffer.from('x'))
    res.end()
  },
  'write and end': (res) => {
    res.write('x')
    res.end('y')
  },
  'write of nothing': (res) => {
    res.write('')
    res.end('y')
  },
  'writeHead and end': (res) => res.writeHead(200).end('x'),
  'writeHead with a length before': (res) =>
    res.removeHeader('Content-Disposition') ??
    res.writeHead(200, { 'Content-Length': '1', 'Content-Disposition': NAMED }).end('x'),
  'writeHead with a length behind': (res) =>
    res.removeHeader('Content-Disposition') ??
    res.writeHead(200, { 'Content-Disposition': NAMED, 'Content-Length': '1' }).end('x'),
  'flushed headers': (res) => {
    res.flushHeaders()
    res.end('x')
  },
}

const NAMED = 'attachment; filename="näme.txt"'

const isOwn = (name: string): boolean =>
  ![
    'date',
    'connection',
    'keep-alive',
    'cache-status',
    'age',
    'etag',
    'transfer-encoding',
    'content-length',
    'cache-control',
  ].includes(name.toLowerCase())

const own = ({ raw }: Got): readonly string[] =>
  raw.flatMap((name, i) => (i % 2 === 0 && isOwn(name) ? [`${name}: ${raw[i + 1]}`] : []))

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  function counting(app: Express, handler: (res: Response, run: number) => void) {
    let runs = 0
    return {
      handler: (_req: unknown, res: Response) => handler(res, ++runs),
      runs: () => runs,
    }
  }

  test.each(Object.entries(WAYS))('what %s answers is sent as without a cache, and stored', async (_name, way) => {
    const { cache } = caching()
    const app = express()
    const bare = counting(app, way)
    const cached = counting(app, way)
    app.get('/bare', bare.handler)
    app.get('/cached', cache({ ttl: '1m' }), cached.handler)
    const server = await serve(app)
    const expected = await server.get('/bare')
    const miss = await server.get('/cached')
    const hit = await server.get('/cached')
    expect(miss.status).toBe(expected.status)
    expect(miss.body.equals(expected.body)).toBe(true)
    expect(own(miss)).toEqual(own(expected))
    expect(miss.header('cache-status')).toContain('stored')
    expect(hit.body.equals(miss.body)).toBe(true)
    expect(own(hit)).toEqual(own(expected))
    expect(hit.header('cache-status')).toMatch(/;hit|;collapsed/)
    expect(hit.header('content-length')).toBe(String(expected.body.length))
    expect(cached.runs()).toBe(1)
  })

  test.each(Object.entries(WAYS_OF_NAMES))(
    'names in Latin-1 have the bytes that Node gives them: %s',
    async (_name, way) => {
      const { cache, invalidates } = caching()
      const app = express()
      const handler = (_req: Request, res: Response): void => {
        res.setHeader('X-City', 'Zürich')
        res.setHeader('Content-Disposition', NAMED)
        way(res)
      }
      app.all('/bare', handler)
      app.all('/cached', cache({ ttl: '1m' }), handler)
      app.all('/invalidates', invalidates(), handler)
      const server = await serve(app)
      const names = async (path: string, method: string) => {
        const got = await server.get(path, { method })
        return [path, got.text, got.lines('content-disposition'), got.lines('x-city')]
      }
      for (const method of ['POST', 'GET']) {
        const [, ...expected] = await names('/bare', method)
        for (const path of ['/cached', '/cached', '/invalidates']) {
          expect(await names(path, method)).toEqual([path, ...expected])
        }
      }
      expect((await server.get('/cached')).header('cache-status')).toMatch(/;hit/)
    },
  )

  test('a redirect is passed on and stored only where it is permanent', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/:status', cache({ ttl: '1m' }), (req, res) => {
      runs++
      res.redirect(Number(req.params['status']), '/there')
    })
    const server = await serve(app)
    for (const path of ['/302', '/302', '/301', '/301']) {
      const answer = await server.get(path)
      expect(answer.status).toBe(Number(path.slice(1)))
      expect(answer.header('location')).toBe('/there')
    }
    expect(runs).toBe(3)
  })

  test('a validator of Express is answered with 304, and a range with a part', async () => {
    const { cache } = caching()
    const app = express()
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send('0123456789'))
    const server = await serve(app)
    const etag = (await server.get('/')).header('etag')!
    const second = await server.get('/', { headers: { 'if-none-match': etag } })
    expect([second.status, second.text]).toEqual([304, ''])
    const part = await server.get('/', { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.text, part.header('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
  })

  test('the conditions and ranges of the client that starts a fill do not reach the handler', async () => {
    const { cache } = caching()
    const app = express()
    const seen: unknown[] = []
    app.get('/', cache({ ttl: '1m' }), (req, res) => {
      seen.push(
        req.headers['if-none-match'],
        req.get('range'),
        req.rawHeaders.includes('range'),
        req.headersDistinct['range'],
      )
      res.send('0123456789')
    })
    const server = await serve(app)
    const first = await server.get('/', { headers: { 'if-none-match': 'W/"a-OWFhMGUzNg"', range: 'bytes=0-1' } })
    expect(seen).toEqual([undefined, undefined, false, undefined])
    expect([first.status, first.text]).toEqual([206, '01'])
    expect((await server.get('/')).text).toBe('0123456789')
  })

  test('HEAD is answered from a stored GET, and one that misses stores nothing', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
    const server = await serve(app)
    const miss = await server.get('/', { method: 'HEAD' })
    expect([miss.status, miss.text, miss.header('content-length')]).toEqual([200, '', '5'])
    expect((await server.get('/')).text).toBe('run 2')
    const hit = await server.get('/', { method: 'HEAD' })
    expect([hit.status, hit.text, hit.header('content-length')]).toEqual([200, '', '5'])
    expect(hit.header('cache-status')).toContain('hit')
    expect(runs).toBe(2)
  })

  test('the error of a handler reaches the error handlers of the application and is not stored', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, _res, next) => {
      runs++
      if (runs === 1) throw new Error('thrown')
      next(new Error('passed on'))
    })
    app.use((error: Error, _req: unknown, res: Response, _next: unknown) => void res.status(500).send(error.message))
    const server = await serve(app)
    const first = await server.get('/')
    expect([first.status, first.text]).toEqual([500, 'thrown'])
    const second = await server.get('/')
    expect([second.status, second.text]).toEqual([500, 'passed on'])
  })

  test('a stale response is served in the place of an error, with the headers that it was stored with', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: 20, staleIfError: '1m' }), (_req, res) => {
      runs++
      res.set('X-Run', String(runs))
      if (runs === 1) res.send('good')
      else res.status(503).set('Retry-After', '5').send('bad')
    })
    const server = await serve(app)
    await server.get('/')
    await new Promise((resolve) => setTimeout(resolve, 40))
    const stale = await server.get('/')
    expect([stale.status, stale.text, stale.header('x-run'), stale.header('retry-after')]).toEqual([
      200,
      'good',
      '1',
      undefined,
    ])
    expect(runs).toBe(2)
  })

  test('a second answer to the same request changes nothing', async () => {
    const { cache } = caching()
    const app = express()
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      res.send('first')
      res.set('X-Late', '1')
      res.end('second')
    })
    const server = await serve(app)
    for (const _ of [1, 2]) {
      const got = await server.get('/')
      expect([got.text, got.header('x-late')]).toEqual(['first', undefined])
    }
  })

  test.each(['GET', 'POST'])('status and message of %s are those of the first write', async (method) => {
    const { cache, invalidates } = caching()
    const app = express()
    const handler = (_req: Request, res: Response): void => {
      res.statusMessage = 'Early'
      res.status(404).write('')
      res.statusMessage = 'Late'
      setImmediate(() => res.status(200).end('x'))
    }
    app.all('/cache', cache({ ttl: '1m' }), handler)
    app.all('/invalidates', invalidates(), handler)
    const server = await serve(app)
    for (const path of ['/cache', '/invalidates']) {
      const { status, message, text } = await server.get(path, { method })
      expect([status, message, text]).toEqual([404, 'Early', 'x'])
    }
    expect((await server.get('/cache')).status).toBe(404)
  })

  test('memory that a handler writes again does not change what is stored', async () => {
    const { cache } = caching()
    const app = express()
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      const memory = Buffer.from('first ')
      res.write(memory, () => {
        memory.write('second')
        res.end(memory)
      })
    })
    const server = await serve(app)
    expect((await server.get('/')).text).toBe('first second')
    expect((await server.get('/')).text).toBe('first second')
  })
})
