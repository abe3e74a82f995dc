import { Hono } from 'hono'
import { expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

/** What a router that is not strict takes for one route with one parameter. */
const SPELLINGS = ['/api/items/ab', '/api/items/ab/', '/api/items/a%62', '/%61pi/items/%61b/']

test('a write voids its URI in every spelling that the router takes for it', async () => {
  const { cache, invalidates } = openShop()
  const items = new Hono({ strict: false })
  items.get('/items/:id', cache({ ttl: '1m' }), (c) => c.text(c.req.param('id')))
  items.put('/items/:id', invalidates(), (c) => c.body(null, 204))
  items.delete('/items/:id', cache(), (c) => c.body(null, 204))
  const url = await listen(new Hono({ strict: false }).route('/api', items))
  for (const method of ['PUT', 'DELETE']) {
    for (const stored of SPELLINGS) {
      for (const written of SPELLINGS) {
        expect((await hit(url + stored)).body).toBe('ab')
        expect((await ask(url + written, { method })).status).toBe(204)
        expect((await ask(url + stored)).header('cache-status'), `${written} voids ${stored}`).not.toContain('hit')
      }
    }
  }
})
