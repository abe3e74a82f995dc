import type { Cache } from '@shelflife/core'
import { cacheResponses, cacheTags } from '@shelflife/hono'
import { bearer, cacheAdmin } from '@shelflife/http'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { validator } from 'hono/validator'
import type { Articles } from './articles.ts'
import { articlePage, listPage, style } from './pages.ts'

type Parts = { readonly cache: Cache; readonly articles: Articles; readonly adminToken?: string | undefined }

/** The HTTP service: articles as pages and as JSON, from the cache where it has them. The admin API needs a token. */
export function createApp({ cache: blog, articles, adminToken }: Parts): Hono {
  const { cache, invalidates } = cacheResponses({ cache: blog })
  const app = new Hono()

  // Fresh for a minute, and for an hour after that shown while it is made anew.
  app.get('/', cache({ tier: 'dynamic', staleWhileRevalidate: '1h', tags: ['articles'] }), async (c) => {
    return c.html(listPage(await articles.list()))
  })

  // Who wrote an article turns out in the handler, and so does one tag of its page.
  const cached = cache({ tier: 'dynamic', tags: (c) => [`article/${c.req.param('slug')}`] })
  app.get('/articles/:slug', cached, async (c) => {
    const article = await articles.find(c.req.param('slug'))
    if (!article) return c.notFound()
    cacheTags(c, `author/${article.author}`)
    return c.html(articlePage(article, await articles.nameOf(article.author)))
  })

  app.get('/api/articles/:slug', cached, async (c) => {
    const article = await articles.find(c.req.param('slug'))
    return article ? c.json(article) : c.json({ error: 'there is no such article' }, 404)
  })

  // For an hour browsers use their copy without asking, out of reach of every invalidation.
  app.get('/style.css', cache({ tier: 'static', browserTtl: '1h' }), (c) => {
    return c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' })
  })

  // After success, before the client hears of it: pages and JSON with these tags are gone.
  const changes = invalidates({ tags: (c) => ['articles', `article/${c.req.param('slug')}`] })
  app.put('/api/articles/:slug', limit, changes, texts('author', 'title', 'text'), async (c) => {
    const { author, title, text } = c.req.valid('json')
    await articles.save({ slug: c.req.param('slug'), author, title, text })
    return c.body(null, 204)
  })

  const renames = invalidates({ tags: (c) => [`author/${c.req.param('id')}`] })
  app.put('/api/authors/:id', limit, renames, texts('name'), async (c) => {
    await articles.rename(c.req.param('id'), c.req.valid('json').name)
    return c.body(null, 204)
  })

  app.get('/health', (c) => c.json(blog.health(), blog.health().ok ? 200 : 503))

  if (adminToken) {
    const tokens = [{ token: adminToken, actor: 'admin', permissions: ['read', 'invalidate', 'clear'] }] as const
    const admin = cacheAdmin({ cache: blog, authorize: bearer({ tokens }), audit: console.log })
    app.all('/admin/cache/:route', (c) => admin(c.req.raw))
  }
  return app
}

const limit = bodyLimit({ maxSize: 64 * 1024 })

/** Texts that a body must have; without them it is answered with 400. */
const texts = <Name extends string>(...names: readonly Name[]) =>
  validator('json', (body: Record<string, unknown>, c) => {
    if (names.every((name) => typeof Object(body)[name] === 'string')) return body as Record<Name, string>
    return c.json({ error: `texts are needed: ${names.join(', ')}` }, 400)
  })
