import { createCache } from '@shelflife/core'
import type { AttackReply, AttackRequest, AttackRoute } from '@shelflife/http-suite'
import { ATTACK_RESPONSES, ATTACK_STORE, createAttackAnswers, describeAttacks } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'

import type { FetchHandler, HandlerRun, Incoming } from '../src/index.ts'
import { createResponseCache, incomingOf, outgoingOf, requestFor, responseOf } from '../src/index.ts'
import { listen } from './listen.ts'

const seen = (request: Request): AttackRequest => {
  const { pathname, search, searchParams } = new URL(request.url)
  return {
    method: request.method,
    url: pathname + search,
    header: (name) => request.headers.get(name) ?? undefined,
    query: (name) => searchParams.get(name) ?? undefined,
  }
}

const responseFrom = ({ status, headers = [], body }: AttackReply): Response =>
  new Response(body ?? null, { status: status ?? 200, headers: headers as [string, string][] })

describeAttacks('the engine behind node:http', {
  async mount(routes) {
    const cache = createCache({ namespace: 'attacked', store: memoryStore(ATTACK_STORE) })
    const responses = createResponseCache({ cache, ...ATTACK_RESPONSES })
    const answer = createAttackAnswers(() => cache.stats())

    function handlerOf(attacked: AttackRoute): FetchHandler {
      const bare = async (request: Request): Promise<Response> => responseFrom(await answer(attacked, seen(request)))
      if (attacked.invalidates !== undefined) return invalidating(attacked, bare)
      if (attacked.cache === undefined) return bare
      const route = responses.route<Request>(attacked.cache)
      return async (request) => {
        const incoming = incomingOf(request)
        const plan = route.plan(incoming, request)
        if (plan.kind === 'pass') {
          const { body, ...passed } = outgoingOf(await bare(request))
          return responseOf({ ...passed, body, headers: [...passed.headers, ...plan.marksFor(passed.headers)] })
        }
        if (plan.kind === 'hit') return responseOf(plan.outgoing)
        const run = async (how: HandlerRun) => {
          const reply = await answer(attacked, seen(requestFor(request, how)))
          how.decisions.tag(...(reply.tags ?? []))
          return outgoingOf(responseFrom(reply))
        }
        return responseOf(await plan.answer({ incoming, run, refresh: run }))
      }
    }

    function invalidating({ invalidates }: AttackRoute, bare: (request: Request) => Promise<Response>): FetchHandler {
      return async (request) => {
        const incoming: Incoming = incomingOf(request)
        const response = await bare(request)
        const { status, headers } = outgoingOf(response)
        await responses.invalidate({ incoming, status, headers, tags: invalidates?.tags ?? [] })
        return response
      }
    }

    const handlers = routes.map((route) => ({ ...route, handle: handlerOf(route) }))
    const server = await listen((request) => {
      const { pathname } = new URL(request.url)
      const found = handlers.find(
        ({ method, path }) =>
          (method === request.method || (method === 'GET' && request.method === 'HEAD')) &&
          (path.endsWith('/*') ? pathname.startsWith(path.slice(0, -1)) : path === pathname),
      )
      return found?.handle(request) ?? new Response('not found', { status: 404 })
    })
    return {
      origin: server.origin,
      async close() {
        await server.close()
        await cache.close()
      },
    }
  },
})
