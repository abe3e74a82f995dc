import type { Cache } from '@shelflife/core'
import { cacheResponses, mount } from '@shelflife/express'
import { bearer, cacheAdmin } from '@shelflife/http'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import type { Catalogue, Product } from './catalogue.ts'

type Parts = { readonly cache: Cache; readonly catalogue: Catalogue; readonly adminToken?: string | undefined }

/** The HTTP service: products as JSON, from the cache where it has them. The admin API needs a token. */
export function createApp({ cache: shop, catalogue, adminToken }: Parts): Express {
  const { cache, invalidates } = cacheResponses({ cache: shop })
  const app = express().disable('x-powered-by')

  app.get('/', (_req, res) => {
    const read = ['/products/7', '/products?category=lamps', '/categories', '/health']
    res.json({ read, change: 'PUT /products/7', what: 'ask twice and compare Cache-Status' })
  })

  app.get('/products/:id', cache({ tier: 'dynamic', tags: (req) => [`product/${idIn(req)}`] }), async (req, res) => {
    sendProduct(res, await catalogue.getProduct(idIn(req)))
  })

  // Only `category` makes the key: nothing else that stands in a URL makes an entry of its own.
  const byCategory = { allow: ['category'] }
  app.get('/products', cache({ tier: 'dynamic', tags: ['products'], query: byCategory }), async ({ query }, res) => {
    res.json(await catalogue.listProducts(typeof query.category === 'string' ? query.category : null))
  })

  // For a minute browsers use their copy without asking, out of reach of every invalidation.
  app.get('/categories', cache({ tier: 'static', tags: ['products'], browserTtl: '1m' }), (_req, res) => {
    res.json(catalogue.listCategories())
  })

  // After success, before the client hears of it: what has one of these tags is gone, be it a query or a response.
  const changed = invalidates({ tags: (_req, res) => ['products', `product/${res.locals.id}`] })
  app.post('/products', express.json(), changed, (req, res) => {
    const product = catalogue.addProduct(productIn(req.body))
    res.locals.id = product.id
    res.status(201).location(`/products/${product.id}`).json(product)
  })

  app.put('/products/:id', express.json(), changed, (req, res) => {
    res.locals.id = idIn(req)
    sendProduct(res, catalogue.changeProduct({ id: idIn(req), ...productIn(req.body) }))
  })

  app.get('/health', (_req, res) => {
    res.status(shop.health().ok ? 200 : 503).json(shop.health())
  })

  if (adminToken) {
    const tokens = [{ token: adminToken, actor: 'admin', permissions: ['read', 'invalidate', 'clear'] }] as const
    app.use('/admin/cache', mount(cacheAdmin({ cache: shop, authorize: bearer({ tokens }), audit: console.log })))
  }
  return app.use(sendError)
}

/** A number, so that a product has one tag however a URL writes its id. */
const idIn = (req: Pick<Request, 'params'>): number => Number(req.params.id)

/** What a request says of a product. Throws what is answered with 400. */
function productIn(body: unknown): Omit<Product, 'id'> {
  const { name, category, price } = Object(body) as Record<string, unknown>
  const isComplete = typeof name === 'string' && typeof category === 'string' && Number.isSafeInteger(price)
  if (isComplete) return { name, category, price: Number(price) }
  throw Object.assign(new Error('name, category and price, in cents, are needed'), { status: 400 })
}

const sendProduct = (res: Response, product: Product | null | undefined) =>
  res.status(product ? 200 : 404).json(product ?? { error: 'there is no such product' })

/** Mistakes of clients in JSON, like everything else; the rest is left to Express. */
const sendError: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent || !(error.status < 500)) return next(error)
  res.status(error.status).json({ error: error.message })
}
