import type { Context } from 'hono'
import { Hono } from 'hono'
import { validator } from 'hono/validator'
import { describe, expect, test } from 'vitest'

import { openShop } from './shop.ts'

const isAdmin = (c: Context): boolean => c.req.header('x-role') === 'admin'

type Value = Readonly<Record<string, unknown>>

/** What a validator makes of the query `drafts=1` for who is no admin. */
const NARROWED: Readonly<Record<string, Value>> = {
  'something added': { drafts: '1', published: 'yes' },
  'something taken away': {},
  'another text': { drafts: '0' },
  'a truth of its own': { drafts: false },
  'what cannot be told in text': { drafts: new Set() },
}

const isNarrow = ({ drafts, published }: Value): boolean =>
  published !== undefined || (drafts !== '1' && drafts !== true)

describe('what validators in front make for some clients only', () => {
  test.each(Object.entries(NARROWED))('%s', async (_what, narrowed) => {
    const { cache } = openShop()
    const app = new Hono()
    app.get(
      '/',
      validator('query', (value: Value, c) => (isAdmin(c) ? value : narrowed)),
      cache({ ttl: '1m' }),
      (c) => c.text(isNarrow(c.req.valid('query')) ? 'few' : 'all'),
    )
    for (const role of ['admin', 'other', 'admin', 'other', 'other']) {
      const response = await app.request('http://a.test/?drafts=1', { headers: { 'x-role': role } })
      expect([role, await response.text()]).toEqual([role, role === 'admin' ? 'all' : 'few'])
    }
  })

  test('what is the same for all is stored, and caches behind may keep it', async () => {
    const { cache } = openShop()
    const app = new Hono()
    app.get(
      '/:id',
      validator('param', ({ id }) => ({ id: Number(id) })),
      cache({ ttl: '1m' }),
      (c) => c.text(String(c.req.valid('param').id)),
    )
    const ask = async (): Promise<string | null> => {
      const { headers } = await app.request('http://a.test/7')
      expect(headers.has('vary')).toBe(false)
      return headers.get('cache-status')
    }
    expect(await ask()).toMatch(/stored$/)
    await expect.poll(ask).toMatch(/^shelflife;hit/)
  })
})

test('a path that is made of a header tells responses apart', async () => {
  const { cache } = openShop()
  const getPath = (request: Request): string => `/${request.headers.get('x-tenant')}${new URL(request.url).pathname}`
  const app = new Hono({ getPath })
  app.get('/:tenant/orders', cache({ ttl: '1m' }), (c) => c.text(`orders of ${c.req.param('tenant')}`))
  for (const tenant of ['acme', 'globex', 'acme', 'globex']) {
    const response = await app.request('http://a.test/orders', { headers: { 'x-tenant': tenant } })
    expect(await response.text()).toBe(`orders of ${tenant}`)
  }
})
