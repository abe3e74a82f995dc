import { checkFunction } from './check-function.ts'
import type { HandlerRun } from './exchange.ts'
import type { RouteOptions } from './options.ts'
import { requestFor } from './request-for.ts'
import type { ResponseCache } from './response-cache.ts'
import { isVary } from './stored-headers.ts'
import { incomingOf, outgoingOf, responseOf } from './web-message.ts'

/** A handler on web standards. */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/**
 * Puts a response cache in front of a handler on web standards. What is done with the answer afterwards is not seen: a
 * caller that adds a cookie, `private` or `no-store` to it has to do so in the handler, or the response is stored without.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example
 * const responses = createResponseCache({ cache })
 * export default { fetch: cachedFetch(responses, { tier: 'dynamic' }, handler) }
 */
export function cachedFetch<Tier extends string>(
  responses: ResponseCache<Tier>,
  options: RouteOptions<NoInfer<Tier>, Request>,
  handler: FetchHandler,
): FetchHandler {
  checkFunction('handler', handler)
  checkFunction('responses.route', responses?.route)
  const route = responses.route(options)
  return async (request) => {
    const incoming = incomingOf(request)
    const plan = route.plan(incoming, request)
    if (plan.kind === 'hit') return responseOf(plan.outgoing)
    if (plan.kind === 'answer') {
      const { url, method, headers } = request
      const run = async (how: HandlerRun) => outgoingOf(await handler(requestFor(request, how)))
      // it does not end with the client, and has nothing that was left on the client's request
      const refresh = async (how: HandlerRun) => outgoingOf(await handler(requestFor({ url, method, headers }, how)))
      return responseOf(await plan.answer({ incoming, run, refresh }))
    }
    const response = await handler(request)
    const { status, headers } = outgoingOf(response)
    await plan.settle({ status, headers })
    // the headers of a response that was fetched cannot be changed
    const marked = new Response(response.body, response)
    for (const mark of plan.marksFor(headers)) marked.headers[isVary(mark) ? 'set' : 'append'](...mark)
    return marked
  }
}
