import { pathsLeft } from '@shelflife/http'
import type { Context } from 'hono'

import type { Earlier } from './earlier-headers.ts'
import { leftInEnvironment } from './environment.ts'
import { namesOf } from './left-properties.ts'

const NOTHING: readonly string[] = []

const isOfHono = (object: object, name: string): boolean => namesOf(object).has(name)

const inVariables = pathsLeft({ path: 'c.var', isOfFramework: () => false })
const onContext = pathsLeft({ path: 'c', isOfFramework: isOfHono })
const onRequest = pathsLeft({ path: 'c.req', isOfFramework: isOfHono })
const onRaw = pathsLeft({ path: 'c.req.raw', isOfFramework: () => false })

/** What is there for this client, and perhaps for no other: an answer can be made of that, too. `undefined`: nothing. */
export function leftInFront(c: Context, { status }: Earlier): readonly string[] | undefined {
  const { req } = c
  const variables = inVariables(c.var as object)
  const context = onContext(c)
  const request = onRequest(req)
  const raw = onRaw(req.raw)
  const environment = leftInEnvironment(c.env)
  const all = variables.length + context.length + request.length + raw.length + environment.length
  if (all === 0 && status === 200) return undefined
  const stated = status === 200 ? NOTHING : [`c.res.status=${status}`]
  return [...variables, ...context, ...request, ...raw, ...environment, ...stated]
}
