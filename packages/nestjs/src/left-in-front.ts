import type { Incoming } from '@shelflife/http'
import { addedToJars } from '@shelflife/node-http'

import { leftOn } from './of-framework.ts'
import type { Platform } from './platform.ts'

/** What both platforms answer with. */
interface Response {
  readonly statusCode: number
  readonly locals?: unknown
}

/** What is there for this client, and perhaps for no other: an answer can be made of that, too. */
export function leftInFront({ request, req, res, reply }: Platform): Incoming['left'] {
  const response: Response = reply ?? res
  const { locals, statusCode } = response
  const beneath = reply === undefined ? [undefined, undefined] : [req, res]
  const cookies = [addedToJars(req, request), reply && addedToJars(req, req)]
  const localsBeneath = reply && (Object((res as Response).locals) as object)
  return leftOn([request, response, Object(locals) as object, ...beneath, ...cookies, localsBeneath], statusCode)
}
