import { describe, expect, test } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import type { Server } from './serve.ts'
import { serve } from './serve.ts'

/** What the router takes for one route with one parameter. */
const SPELLINGS = ['/api/items/ab', '/API/Items/ab', '/api/items/ab/', '/api/items/a%62', '/api/items/%61b/']

const isStored = (server: Server, path: string, sent: Parameters<Server['get']>[1] = {}) =>
  expect.poll(async () => (await server.get(path, sent)).header('cache-status')).toContain('hit')

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test('a write voids its URI in every spelling that the router takes for it', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    const items = express.Router()
    items.get('/items/:id', cache({ ttl: '1m' }), (req, res) => void res.send(req.params['id']))
    items.put('/items/:id', invalidates(), (_req, res) => void res.sendStatus(204))
    items.delete('/items/:id', cache(), (_req, res) => void res.sendStatus(204))
    app.use('/api', items)
    const server = await serve(app)
    for (const method of ['PUT', 'DELETE']) {
      for (const stored of SPELLINGS) {
        for (const written of SPELLINGS) {
          expect((await server.get(stored)).text).toBe('ab')
          await isStored(server, stored)
          expect((await server.get(written, { method })).status).toBe(204)
          expect((await server.get(stored)).header('cache-status'), `${written} voids ${stored}`).not.toContain('hit')
        }
      }
    }
  })

  test('hosts are one in every spelling', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    app.get('/', cache({ ttl: '1m' }), (_req, res) => void res.send('page'))
    app.put('/', invalidates(), (_req, res) => void res.sendStatus(204))
    const server = await serve(app)
    const hosts = ['shop.test', 'SHOP.test', 'shop.test:80']
    for (const stored of hosts) {
      for (const written of hosts) {
        await isStored(server, '/', { headers: { host: stored } })
        await server.get('/', { headers: { host: written }, method: 'PUT' })
        const again = await server.get('/', { headers: { host: stored } })
        expect(again.header('cache-status'), `${written} voids ${stored}`).not.toContain('hit')
      }
    }
  })

  test('a target that something in front rewrites is one with what it becomes', async () => {
    const { cache, invalidates } = caching()
    const app = express()
    app.use((req, _res, next) => {
      req.url = req.url.replace('/en/', '/')
      next()
    })
    app.get('/items/:id', cache({ ttl: '1m' }), (_req, res) => void res.send('item'))
    app.put('/items/:id', invalidates(), (_req, res) => void res.sendStatus(204))
    const server = await serve(app)
    const both = ['/items/1', '/en/items/1']
    for (const stored of both) {
      for (const written of both) {
        await isStored(server, stored)
        await server.get(written, { method: 'PUT' })
        expect((await server.get(stored)).header('cache-status'), `${written} voids ${stored}`).not.toContain('hit')
      }
    }
  })
})
