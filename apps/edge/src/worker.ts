import { cacheResponses } from '@shelflife/hono'
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { HTTPException } from 'hono/http-exception'

import { shop } from './cache.ts'
import { getProduct } from './products.ts'

const { cache } = cacheResponses({ cache: shop })
const app = new Hono()

/** The whole response is kept, under the tag of the product that is in it. */
app.get('/products/:id', cache({ tier: 'semiStatic', tags: (c) => [`product:${c.req.param('id')}`] }), async (c) => {
  const product = await getProduct(c.req.param('id'))
  return product === null ? c.notFound() : c.json(product)
})

/** Values alone: one response for each basket is not worth keeping. */
app.get('/baskets', async (c) => {
  const products = await Promise.all(c.req.queries('id')?.map((id) => getProduct(id)) ?? [])
  const found = products.filter((product) => product !== null)
  return c.json({ products: found, total: found.reduce((sum, { price }) => sum + price, 0) })
})

/** The API calls this when a product has changed: gone here at once, in other isolates within `maxDrift`. */
app.post('/changed/:id', bearerAuth({ token: env.WEBHOOK_SECRET }), async (c) => {
  const { remote } = await shop.invalidateTags([`product:${c.req.param('id')}`])
  return c.json({ remote })
})

app.get('/health', (c) => c.json(shop.health()))

app.onError((error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.json({ error: error.message }, 502),
)

// what workerd calls
// oxlint-disable-next-line import/no-default-export
export default app
