import { expect, test, vi } from 'vitest'

import * as here from '../src/index.ts'
import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

/** Another copy of all packages, as where a program loads them as modules and as CommonJS, or is made of two bundles. */
async function otherCopy(): Promise<typeof here> {
  vi.resetModules()
  const other = await import('../src/index.ts')
  expect(other.noStore).not.toBe(here.noStore)
  return other
}

test.each(FRAMEWORKS)('$name: what a helper of another copy decides is heard', async ({ express }) => {
  const other = await otherCopy()
  const { cache, shop } = caching()
  const app = express()
  let runs = 0
  app.get('/draft', cache({ ttl: '1m' }), (_req, res) => {
    other.noStore(res)
    res.send(`run ${++runs}`)
  })
  app.get('/tagged', cache({ ttl: '1m' }), (_req, res) => {
    other.cacheTags(res, 'product')
    res.send(`run ${++runs}`)
  })
  const server = await serve(app)
  expect([(await server.get('/draft')).text, (await server.get('/draft')).text]).toEqual(['run 1', 'run 2'])
  expect([(await server.get('/tagged')).text, (await server.get('/tagged')).text]).toEqual(['run 3', 'run 3'])
  await shop.invalidateTags(['product'])
  expect((await server.get('/tagged')).text).toBe('run 4')
})

test.each(FRAMEWORKS)(
  '$name: a cache of another copy holds responses, and refreshes pass by it',
  async ({ express }) => {
    const other = await otherCopy()
    const { shop } = caching()
    const outer = here.cacheResponses({ cache: shop.namespace('outer') })
    const inner = other.cacheResponses({ cache: shop.namespace('inner') })
    const app = express()
    let runs = 0
    // of several in a row the first counts
    app.get('/', outer.cache({ ttl: '1m' }), inner.cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
    app.get('/inner', inner.cache({ ttl: '1m' }), (_req, res) => void res.send(`run ${++runs}`))
    const server = await serve(app)
    expect([(await server.get('/')).text, (await server.get('/')).text]).toEqual(['run 1', 'run 1'])
    await shop.namespace('outer').clear()
    expect((await server.get('/')).text).toBe('run 2')
    expect([(await server.get('/inner')).text, (await server.get('/inner')).text]).toEqual(['run 3', 'run 3'])
  },
)
