import { leftBeneath, leftInLocals, leftOnRequest, leftOnResponse } from './of-framework.ts'
import type { Platform } from './platform.ts'

/** What both platforms answer with. */
interface Response {
  readonly statusCode: number
  readonly locals?: unknown
}

/** What is there for this client, and perhaps for no other: an answer can be made of that, too. `undefined`: nothing. */
export function leftInFront({ request, req, res, reply }: Platform): readonly string[] | undefined {
  const response: Response = reply ?? res
  const { locals, statusCode } = response
  const left = [
    ...leftOnRequest(request),
    ...leftOnResponse(response),
    ...leftInLocals(Object(locals) as object),
    ...(reply === undefined ? [] : [...leftBeneath(req), ...leftOnResponse(res)]),
    ...(statusCode === 200 ? [] : [`res.statusCode=${statusCode}`]),
  ]
  return left.length === 0 ? undefined : left
}
