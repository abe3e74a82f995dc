import type { HandlerRun } from './exchange.ts'
import type { RouteOptions } from './options.ts'
import type { ResponseCache } from './response-cache.ts'
import { incomingOf, outgoingOf, requestFor, responseOf } from './web-message.ts'

/** A handler on web standards. */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/**
 * Puts a response cache in front of a handler on web standards.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example
 * const responses = createResponseCache({ cache })
 * export default { fetch: cachedFetch(responses, { tier: 'dynamic' }, handler) }
 */
export function cachedFetch<Tier extends string>(
  responses: ResponseCache<Tier>,
  options: RouteOptions<Tier, Request>,
  handler: FetchHandler,
): FetchHandler {
  const route = responses.route(options)
  return async (request) => {
    const incoming = incomingOf(request)
    const plan = route.plan(incoming, request)
    const run = async (how: HandlerRun) => outgoingOf(await handler(requestFor(request, how)))
    if (plan.kind === 'hit') return responseOf(plan.outgoing)
    if (plan.kind === 'answer') return responseOf(await plan.answer({ incoming, run, refresh: run }))
    const response = await handler(request)
    const { status, headers } = outgoingOf(response)
    await plan.settle({ status, headers })
    // the headers of a response that was fetched cannot be changed
    const marked = new Response(response.body, response)
    marked.headers.append('Cache-Status', plan.cacheStatus)
    return marked
  }
}
