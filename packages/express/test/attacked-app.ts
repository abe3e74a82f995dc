import { createCache } from '@shelflife/core'
import type { AttackReply, AttackRequest, AttackRoute } from '@shelflife/http-suite'
import { ATTACK_RESPONSES, ATTACK_STORE, createAttackAnswers } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import type { Express, Request, RequestHandler, Response } from 'express'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

import { cacheResponses, cacheTags } from '../src/index.ts'

const textOf = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' || first === undefined ? first : JSON.stringify(first)
}

const seen = (req: Request): AttackRequest => ({
  method: req.method,
  url: req.originalUrl,
  header: (name) => req.get(name),
  query: (name) => textOf(req.query[name]),
})

function reply(res: Response, { status = 200, headers = [], body, tags = [] }: AttackReply): void {
  cacheTags(res, ...tags)
  res.status(status)
  for (const [name, value] of headers) res.append(name, value)
  if (!(body instanceof ReadableStream)) return void res.end(body)
  res.flushHeaders()
  pipeline(Readable.fromWeb(body as NodeReadableStream<Uint8Array>), res, () => {})
}

/** The application under attack. */
export function attackedApp(
  create: () => Express,
  routes: readonly AttackRoute[],
  responses: object = ATTACK_RESPONSES,
) {
  const shop = createCache({ namespace: 'attacked', store: memoryStore(ATTACK_STORE) })
  const { cache, invalidates } = cacheResponses({ cache: shop, ...responses })
  const answers = createAttackAnswers(() => shop.stats())
  const app = create()
  const none: RequestHandler = (_req, _res, next) => next()
  for (const route of routes) {
    const method = route.method === 'GET' ? 'get' : 'post'
    const path = route.path.endsWith('/*') ? new RegExp(`^${route.path.slice(0, -1)}`) : route.path
    app[method](
      path,
      route.cache ? cache(route.cache) : none,
      route.invalidates ? invalidates(route.invalidates) : none,
      (req, res, next) => {
        answers(route, seen(req))
          .then((given) => reply(res, given))
          .catch(next)
      },
    )
  }
  return { app, close: () => shop.close() }
}
