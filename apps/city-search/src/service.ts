import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Cities } from './cities.ts'
import { RequestError } from './request-error.ts'
import { createRoutes, type Route } from './routes.ts'

/** The HTTP service: finds the route, answers in JSON, turns errors into status codes. */
export function createService(cities: Cities): Server {
  const routes = createRoutes(cities)
  return createServer(async (request, response) => {
    const { status, body } = await answer(routes, request).catch(errorAnswer)
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.end(`${JSON.stringify(body)}\n`)
  })
}

type Answer = { readonly status: number; readonly body: unknown }

async function answer(routes: readonly Route[], request: IncomingMessage): Promise<Answer> {
  const { method, url } = request
  const [path = '', query] = (url ?? '').split('?', 2)
  for (const route of routes) {
    const match = route.method === method && route.path.exec(path)
    if (!match) continue
    const body = await route.answer({ request, query: new URLSearchParams(query), params: match.groups ?? {} })
    return { status: 200, body }
  }
  throw new RequestError(404, `there is nothing at ${method} ${path}`)
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof RequestError) return { status: error.status, body: { error: error.message } }
  console.error(error)
  return { status: 500, body: { error: 'something went wrong here' } }
}
