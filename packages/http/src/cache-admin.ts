import type { Cache, Invalidation } from '@shelflife/core'
import { inspect, invalidateKey } from '@shelflife/core/inspect'
import { checkNames, namespaceOf } from '@shelflife/core/integration'

import type { AdminAnswer } from './admin-answer.ts'
import { failure, failureFor, toResponse } from './admin-answer.ts'
import type { AdminIdentity, AdminPermission, Authorize } from './admin-identity.ts'
import type { AdminRefusal, AdminTarget } from './admin-request.ts'
import { keyToInspect, targetToClear, targetToInvalidate } from './admin-request.ts'
import { isOfTokens } from './bearer.ts'
import { checkFunction } from './check-function.ts'
import { PROMETHEUS, prometheusText } from './prometheus.ts'
import { responseCounts } from './response-counts.ts'

/** One attempt to change something. */
export interface AdminEvent {
  /** `undefined` for somebody unknown. */
  readonly actor: string | undefined
  readonly action: 'invalidate' | 'clear'
  /** `undefined` when it was refused before it was read, or made no sense. */
  readonly target: AdminTarget | undefined
  /** `done`: also when the remote store has yet to be told. `refused`: nothing was changed. */
  readonly outcome: 'done' | 'refused' | 'failed'
}

/** Options of `cacheAdmin`. */
export interface CacheAdminOptions {
  readonly cache: Pick<Cache, 'stats' | 'health' | 'invalidateTags' | 'clear' | 'close'>
  /** Decides on every request, `health` included. `bearer()`, or one's own. */
  readonly authorize: Authorize
  /** Hears of every attempt to change something, and is waited for before the answer. What it throws changes nothing. */
  readonly audit?: (event: AdminEvent) => void | Promise<void>
  /** Hears what `authorize` and `audit` threw, and whatever else was answered with 500. Default: nobody. */
  readonly onError?: (error: unknown) => void
}

interface Reading {
  readonly permission: 'read'
  readonly read: (url: URL) => AdminAnswer | Promise<AdminAnswer>
}

interface Change {
  readonly permission: 'invalidate' | 'clear'
  readonly targetOf: (request: Request) => Promise<AdminTarget | AdminRefusal>
}

type Answered = readonly [answer: AdminAnswer, target?: AdminTarget]

function outcomeOf({ status }: AdminAnswer): AdminEvent['outcome'] {
  if (status < 400) return 'done'
  return status < 500 ? 'refused' : 'failed'
}

const METHODS = ['stats', 'health', 'invalidateTags', 'clear'] as const
const OPTIONS = new Set(['cache', 'authorize', 'audit', 'onError'])

/**
 * A handler for those who run the cache, on web standards: mount it under any path of any framework.
 *
 * `GET stats`, `health`, `metrics` and `inspect?key=…` need the permission `read`; `POST invalidate` with
 * `{"tags":[…]}` or `{"key":"…"}` needs `invalidate`, `POST clear` with `{"all":true}` needs `clear`. Values are never
 * shown and keys never listed.
 *
 * @throws ShelflifeError `invalid-option`, first of all without `authorize`
 * @example
 * const admin = cacheAdmin({ cache, authorize: bearer({ tokens }), audit: (event) => logger.info(event) })
 * app.all('/admin/cache/:route', (c) => admin(c.req.raw))
 */
export function cacheAdmin(options: CacheAdminOptions): (request: Request) => Promise<Response> {
  checkNames('options of cacheAdmin()', options, OPTIONS)
  const { cache, authorize, audit = () => {}, onError = () => {} } = options
  for (const [option, value] of Object.entries({ authorize, audit, onError })) checkFunction(option, value)
  for (const name of METHODS) checkFunction(`cache.${name}`, cache?.[name])

  // a map, in which no path finds anything inherited
  const routes = new Map<string | undefined, Reading | Change>([
    ['stats', { permission: 'read', read: stats }],
    ['health', { permission: 'read', read: health }],
    ['metrics', { permission: 'read', read: metrics }],
    ['inspect', { permission: 'read', read: inspection }],
    ['invalidate', { permission: 'invalidate', targetOf: targetToInvalidate }],
    ['clear', { permission: 'clear', targetOf: targetToClear }],
  ])

  function stats(): AdminAnswer {
    return { status: 200, body: { ...cache.stats(), responses: responseCounts(cache) } }
  }

  function health(): AdminAnswer {
    const body = cache.health()
    return { status: body.ok ? 200 : 503, body }
  }

  function metrics(): AdminAnswer {
    const namespace = namespaceOf(cache)
    const text = prometheusText({
      stats: cache.stats(),
      health: cache.health(),
      responses: responseCounts(cache),
      namespace,
    })
    return { status: 200, text, headers: { 'content-type': PROMETHEUS } }
  }

  async function inspection(url: URL): Promise<AdminAnswer> {
    const key = keyToInspect(url)
    if (typeof key !== 'string') return failure(key.status, key.error)
    const body = await inspect(cache, key)
    return body === undefined ? failure(404, 'nothing is known under this key') : { status: 200, body }
  }

  function apply(target: AdminTarget): Promise<Invalidation> {
    if (target === 'all') return cache.clear()
    return 'key' in target ? invalidateKey(cache, target.key) : cache.invalidateTags(target.tags)
  }

  function report(error: unknown): AdminAnswer {
    try {
      onError(error)
    } catch {
      // nobody is left to tell
    }
    // whoever sets this up sees at once what is wrong with the tokens; other errors may hold what nobody else should see
    return failure(500, error instanceof Error && isOfTokens(error) ? error.message : 'internal error')
  }

  async function identify(
    request: Request,
    permission: AdminPermission,
  ): Promise<{ readonly who?: AdminIdentity; readonly refusal?: AdminAnswer }> {
    try {
      const who = await authorize(request, permission)
      // whatever else it may return, such as `true`, names nobody
      if (typeof who?.actor !== 'string' || who.actor === '') {
        const headers = { 'www-authenticate': 'Bearer realm="shelflife"' }
        return { refusal: { ...failure(401, 'unauthorized'), headers } }
      }
      return who.refused ? { who, refusal: failure(403, 'forbidden') } : { who }
    } catch (error) {
      return { refusal: report(error) }
    }
  }

  async function carryOut(request: Request, route: Reading | Change): Promise<Answered> {
    let target: AdminTarget | undefined
    try {
      if (route.permission === 'read') return [await route.read(new URL(request.url))]
      const asked = await route.targetOf(request)
      if (typeof asked === 'object' && 'error' in asked) return [failure(asked.status, asked.error)]
      target = asked
      return [{ status: 200, body: await apply(target) }, target]
    } catch (error) {
      const answer = failureFor(error) ?? report(error)
      return target === undefined ? [answer] : [answer, target]
    }
  }

  /** What is done is done, whatever the audit says to it. */
  async function note(event: AdminEvent): Promise<void> {
    try {
      await audit(event)
    } catch (error) {
      report(error)
    }
  }

  async function answerTo(request: Request): Promise<AdminAnswer> {
    const route = routes.get(new URL(request.url).pathname.split('/').at(-1))
    if (route === undefined) return failure(404, 'no such route')
    const methods = route.permission === 'read' ? ['GET', 'HEAD'] : ['POST']
    if (!methods.includes(request.method)) {
      return { ...failure(405, 'method not allowed'), headers: { allow: methods.join(', ') } }
    }
    const { who, refusal } = await identify(request, route.permission)
    const [answer, target] = refusal ? [refusal] : await carryOut(request, route)
    if (route.permission !== 'read') {
      await note({ actor: who?.actor, action: route.permission, target, outcome: outcomeOf(answer) })
    }
    return answer
  }

  return async (request) => toResponse(await answerTo(request), request.method)
}
