import type { Incoming } from '@shelflife/http'
import { changedInJars } from '@shelflife/node-http'

import { changedOn, leftOn } from './of-framework.ts'
import type { Platform } from './platform.ts'

/** What both platforms answer with. */
interface Response {
  readonly statusCode: number
  readonly locals?: unknown
}

/** What is there for this client, and perhaps for no other: an answer can be made of that, too. */
export function leftInFront(platform: Platform): Incoming['left'] {
  const { request, req, res, reply } = platform
  const response: Response = reply ?? res
  const { locals, statusCode } = response
  const beneath = reply === undefined ? [undefined, undefined] : [req, res]
  const cookies = [changedInJars(req, request), reply && changedInJars(req, req)]
  const localsBeneath = reply && (Object((res as Response).locals) as object)
  const changed = [changedOn(platform, request), reply && changedOn(platform, req)]
  return leftOn(
    [request, response, Object(locals) as object, ...beneath, ...cookies, localsBeneath, ...changed],
    statusCode,
  )
}
