import type { DefaultTier } from '@shelflife/core'
import { toMilliseconds } from '@shelflife/core'
import type { Exchange, Incoming, Plan, ResponseCacheOptions, RouteOptions } from '@shelflife/http'
import { checkInvalidates, createResponseCache } from '@shelflife/http'
import { addToHead, ClientGone, hasGone, isSafeMethod } from '@shelflife/node-http'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { beforeAnswer } from './before-answer.ts'
import type { CapturedResponse } from './captured-response.ts'
import { captureResponse } from './captured-response.ts'
import { routeOf, takeDecisionsOf } from './decisions-of.ts'
import { incomingOf } from './incoming-of.ts'
import { refreshThrough, takeUpRefresh } from './refresh.ts'
import { sendOutgoing } from './send-outgoing.ts'

/** A middleware that leaves the types of the handlers behind it as they are without it. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** What a write makes void. */
export interface InvalidatesOptions<Req = Request> {
  /** Tags to invalidate beside the URI that was written to. Asked after success. Default: none. */
  readonly tags?: readonly string[] | ((req: Req, res: Response) => readonly string[])
}

/** Middlewares of one cache. */
export interface ResponseCaching<Tier extends string> {
  /**
   * Answers GET and HEAD from the cache, and stores what the handlers behind it answer. An answer to an unsafe method
   * that passes by makes its URI void. Of several in a row the first counts.
   *
   * @throws ShelflifeError `invalid-option`, `invalid-duration`
   * @example app.get('/products/:id', cache({ tier: 'dynamic', tags: (req) => [`product:${req.params.id}`] }), handler)
   */
  cache<Params = Request['params']>(options?: RouteOptions<Tier, Request<Params>>): Middleware
  /**
   * Invalidates when an unsafe method has succeeded (2xx, 3xx), before the client gets the answer: the URI of the request,
   * what `Location` and `Content-Location` name, and tags. Where that fails, the error handlers of the application answer.
   *
   * @throws ShelflifeError `invalid-option`
   * @example app.post('/products', invalidates({ tags: ['products'] }), handler)
   */
  invalidates<Params = Request['params']>(options?: InvalidatesOptions<Request<Params>>): Middleware
}

type Planned<Kind> = Extract<Plan, { readonly kind: Kind }>

/** A request that is not answered at once. */
interface Asked {
  readonly incoming: Incoming
  readonly req: Request
  readonly res: Response
  readonly next: NextFunction
}

function warnOfInner(url: string): void {
  const [path] = url.split('?', 1)
  // oxlint-disable-next-line no-console
  console.warn(
    `[shelflife] the answer of ${path} passes two cache() in a row: the first counts, and the options of the second are not used; state them at the first`,
  )
}

/**
 * Makes the middlewares that cache responses in a cache. Once for each cache or namespace of it.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`, `duplicate-name` for a second one of the same cache
 * @example const { cache, invalidates } = cacheResponses({ cache: shop })
 */
export function cacheResponses<Tier extends string = DefaultTier>(
  options: ResponseCacheOptions<Tier>,
): ResponseCaching<Tier> {
  const responses = createResponseCache(options)
  const patience = toMilliseconds(options.maxFillTime ?? 30_000, 'maxFillTime')

  function cache(routeOptions: RouteOptions<Tier, Request> = {}): RequestHandler {
    const route = responses.route(routeOptions)
    let isWarned = false

    /** What another one caches already, by its own options. */
    function leave(outer: object, { originalUrl }: Request, next: NextFunction): void {
      if (outer !== route && !isWarned) warnOfInner(originalUrl)
      isWarned ||= outer !== route
      next()
    }

    function pass(plan: Planned<'pass'>, { incoming, res, next }: Asked): void {
      addToHead(res, plan.marksFor)
      if (!isSafeMethod(incoming.method)) beforeAnswer(res, { settle: (answer) => plan.settle(answer), fail: next })
      next()
    }

    function answer(plan: Planned<'answer'>, { incoming, req, res, next }: Asked): void {
      const { baseUrl } = req
      let captured: CapturedResponse | undefined
      const exchange: Exchange = {
        incoming,
        async run(how) {
          if (!how.isShared && hasGone(req, res)) throw new ClientGone()
          captured = captureResponse({ req, res, how, patience })
          takeDecisionsOf(res, { route, decisions: how.decisions })
          next()
          return captured.outgoing
        },
        refresh: (how) => refreshThrough({ req, incoming, baseUrl, route, how, patience }),
      }
      plan
        .answer(exchange)
        .then(
          (outgoing) => (captured === undefined ? sendOutgoing(res, outgoing) : captured.send(outgoing)),
          (error: unknown) => {
            if (error instanceof ClientGone) return
            if (captured === undefined || captured.giveBack()) next(error)
          },
        )
        .catch((error: unknown) => {
          // something in front of the cache throws when the answer goes out
          if (captured !== undefined) captured.fail(error)
          else if (res.headersSent) res.destroy()
          else next(error)
        })
    }

    // without a function of its own in it: those would be made for each hit
    return function cachedResponse(req: Request, res: Response, next: NextFunction): void {
      const outer = routeOf(res)
      if (outer !== undefined) return leave(outer, req, next)
      if (takeUpRefresh(route, { req, res, next })) return
      const incoming = incomingOf(req, res)
      const plan = route.plan(incoming, req)
      if (plan.kind === 'hit') return sendOutgoing(res, plan.outgoing)
      const asked = { incoming, req, res, next }
      if (plan.kind === 'pass') pass(plan, asked)
      else answer(plan, asked)
    }
  }

  function invalidates(invalidatesOptions: InvalidatesOptions = {}): RequestHandler {
    checkInvalidates(invalidatesOptions)
    const { tags = [] } = invalidatesOptions
    return (req, res, next) => {
      const incoming = incomingOf(req, res)
      if (isSafeMethod(incoming.method)) return next()
      beforeAnswer(res, {
        settle: (answer) =>
          responses.invalidate({
            incoming,
            ...answer,
            tags: typeof tags === 'function' ? () => tags(req, res) : tags,
          }),
        fail: next,
      })
      next()
    }
  }

  return { cache, invalidates } as ResponseCaching<Tier>
}
