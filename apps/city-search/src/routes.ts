import type { IncomingMessage } from 'node:http'
import type { Cities } from './cities.ts'
import { nearestArgs, populationArgs, searchArgs, setPopulationArgs } from './parameters.ts'
import { readJson } from './request-body.ts'
import { RequestError } from './request-error.ts'

export type Route = {
  readonly method: 'GET' | 'PUT'
  readonly path: RegExp
  answer(call: Call): Promise<unknown>
}

type Call = {
  readonly request: IncomingMessage
  readonly query: URLSearchParams
  /** The named groups of the route's path. */
  readonly params: Readonly<Record<string, string>>
}

export function createRoutes(cities: Cities): readonly Route[] {
  return [
    { method: 'GET', path: /^\/nearest$/, answer: ({ query }) => cities.nearest(nearestArgs(query)) },
    { method: 'GET', path: /^\/search$/, answer: ({ query }) => cities.search(searchArgs(query)) },
    { method: 'GET', path: /^\/population$/, answer: ({ query }) => cities.population(populationArgs(query)) },
    { method: 'GET', path: /^\/stats$/, answer: async () => cities.stats() },
    {
      method: 'PUT',
      path: /^\/cities\/(?<id>\d{1,9})\/population$/,
      async answer({ request, params }) {
        const city = await cities.setPopulation(setPopulationArgs(params.id, await readJson(request)))
        if (!city) throw new RequestError(404, `there is no city with the id ${params.id}`)
        return city
      },
    },
  ]
}
