import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'

import * as here from '../src/index.ts'
import { openShop } from './shop.ts'

test('what a helper of another copy of the package decides is heard', async () => {
  vi.resetModules()
  const other = await import('../src/index.ts')
  expect(other.noStore).not.toBe(here.noStore)
  const { cache, shop } = openShop()
  const app = new Hono()
  let runs = 0
  app.get('/draft', cache({ ttl: '1m' }), (c) => {
    other.noStore(c)
    return c.text(`run ${++runs}`)
  })
  app.get('/tagged', cache({ ttl: '1m' }), (c) => {
    other.cacheTags(c, 'product')
    return c.text(`run ${++runs}`)
  })
  const read = async (path: string): Promise<string> => (await app.request(path)).text()
  expect([await read('/draft'), await read('/draft')]).toEqual(['run 1', 'run 2'])
  expect([await read('/tagged'), await read('/tagged')]).toEqual(['run 3', 'run 3'])
  await shop.invalidateTags(['product'])
  expect(await read('/tagged')).toBe('run 4')
})
