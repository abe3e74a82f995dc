import { createCache } from '@shelflife/core'
import { createAttackAnswers } from '@shelflife/http-suite/attack-answers'
import type { AttackRoute } from '@shelflife/http-suite'
import { ATTACK_RESPONSES, ATTACK_STORE } from '@shelflife/http-suite/attack-routes'
import { memoryStore } from '@shelflife/memory'
import type { Handler } from 'hono'
import { Hono } from 'hono'

import { cacheResponses, cacheTags } from '../src/index.ts'

const targetOf = (url: string): string => url.slice(url.indexOf('/', url.indexOf('//') + 2))

/** The app that the attacks are made on, on any runtime. */
export function attackedApp(routes: readonly AttackRoute[], responses: object = ATTACK_RESPONSES): Hono {
  const shop = createCache({ namespace: 'attacked', store: memoryStore(ATTACK_STORE) })
  const { cache, invalidates } = cacheResponses({ cache: shop, ...responses })
  const answer = createAttackAnswers(() => shop.stats())
  const app = new Hono()
  for (const route of routes) {
    const handler: Handler = async (c) => {
      const {
        status = 200,
        headers = [],
        body,
        tags = [],
      } = await answer(route, {
        method: c.req.method,
        url: targetOf(c.req.url),
        header: (name) => c.req.header(name),
        query: (name) => c.req.query(name),
      })
      cacheTags(c, ...tags)
      // in a worker: the body is encoded already
      const init = { status, headers: headers as [string, string][], encodeBody: 'manual' }
      return new Response(body ?? null, init)
    }
    const before = [
      ...(route.cache === undefined ? [] : [cache(route.cache)]),
      ...(route.invalidates === undefined ? [] : [invalidates(route.invalidates)]),
    ]
    app.on(route.method, [route.path], ...before, handler)
  }
  return app
}
