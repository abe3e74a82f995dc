import { describe, expect, test, vi } from 'vitest'

import { cacheLifetime, cacheTags, noStore } from '../src/index.ts'
import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('a write that succeeds makes tags void before it is answered, one that fails does not', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    let runs = 0
    app.get('/list', cache({ ttl: '1m', tags: ['list'] }), (_req, res) => void res.send(`run ${++runs}`))
    app.post(
      '/:status',
      invalidates({ tags: (req, res) => [String(res.locals['tag']), String(req.params['status'])] }),
      (req, res) => {
        res.locals['tag'] = 'list'
        res.status(Number(req.params['status'])).json({ written: true })
      },
    )
    const server = await serve(app)
    await server.get('/list')
    const failed = await server.get('/422', { method: 'POST', body: 'x' })
    expect([failed.status, failed.text]).toEqual([422, '{"written":true}'])
    expect((await server.get('/list')).text).toBe('run 1')
    const done = await server.get('/201', { method: 'POST', body: 'x' })
    expect([done.status, done.text, done.header('content-length')]).toEqual([201, '{"written":true}', '16'])
    expect((await server.get('/list')).text).toBe('run 2')
  })

  test('a write past the cache makes its own URI void, and says that it was forwarded', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.use(cache({ ttl: '1m' }))
    app.get('/thing', (_req, res) => void res.send(`run ${++runs}`))
    app.put('/thing', (_req, res) => void res.writeHead(204, { 'Cache-Status': 'other; hit' }).end())
    const server = await serve(app)
    await server.get('/thing')
    const put = await server.get('/thing', { method: 'PUT', body: 'x' })
    expect([put.status, put.lines('cache-status')]).toEqual([204, ['other; hit', 'shelflife;fwd=method']])
    expect((await server.get('/thing')).text).toBe('run 2')
  })

  test('an answer that is written in parts waits for the invalidation, whole and in order', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
    app.post('/', invalidates(), (_req, res) => {
      res.writeHead(200, ['X-B', '1', 'X-A', '2'])
      res.write('one ')
      res.write('two ')
      res.end('three')
    })
    const server = await serve(app)
    await server.get('/')
    expect((await server.get('/', { method: 'POST' })).text).toBe('one two three')
    expect((await server.get('/')).text).toBe('run 2')
  })

  test('an invalidation that fails does not break the answer, and is heard of', async () => {
    const { invalidates } = caching()
    const app = express()
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const broken = (): string[] => {
      throw new Error('no tags')
    }
    app.post('/', invalidates({ tags: broken }), (_req, res) => void res.send('written'))
    const server = await serve(app)
    expect((await server.get('/', { method: 'POST' })).text).toBe('written')
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ message: 'no tags' }))
    warned.mockRestore()
  })

  test('tags that a handler adds make its response void', async () => {
    const { cache, shop } = caching()
    const app = express()
    let runs = 0
    app.get('/', cache({ ttl: '1m' }), (_req, res) => {
      cacheTags(res, 'a', 'b')
      res.send(`run ${++runs}`)
    })
    const server = await serve(app)
    await server.get('/')
    await shop.invalidateTags(['b'])
    expect((await server.get('/')).text).toBe('run 2')
  })

  test('a handler decides how long its response is kept, and whether', async () => {
    const { cache } = caching()
    const app = express()
    let runs = 0
    app.get('/:what', cache({ ttl: '1m' }), (req, res) => {
      if (req.params['what'] === 'not') noStore(res)
      else cacheLifetime(res, { ttl: '1h' })
      res.send(`run ${++runs}`)
    })
    const server = await serve(app)
    await server.get('/not')
    expect((await server.get('/not')).text).toBe('run 2')
    await server.get('/long')
    expect((await server.get('/long')).header('cache-status')).toMatch(/;ttl=3(?:600|599)/)
  })

  test('what handlers decide where nothing is cached does nothing', async () => {
    const app = express()
    app.get('/', (_req, res) => {
      cacheTags(res, 'a')
      cacheLifetime(res, { ttl: '1m' })
      noStore(res)
      res.send('fine')
    })
    const server = await serve(app)
    expect((await server.get('/')).text).toBe('fine')
  })
})
