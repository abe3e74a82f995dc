import type { HeaderList } from '@shelflife/http'
import type { Request, Response } from 'express'

import type { HeadArguments } from '@shelflife/node-http'
import { checkHead, checkTrailer, fieldsIn, fieldsOf } from '@shelflife/node-http'
import type { PriorHeaders } from './prior-headers.ts'

/** The head that a handler has written. */
export interface HandlerHead {
  readonly status: number
  readonly message: string
  readonly fields: HeaderList
  /** Headers that were there before and that it took away, in lower case. */
  readonly removed: readonly string[]
  /** Those that it added to. */
  readonly extended: readonly string[]
  readonly hasBody: boolean
}

interface ToTake {
  readonly req: Request
  readonly res: Response
  readonly prior: PriorHeaders
  /** Those of `writeHead`. */
  readonly args: HeadArguments
}

const hasNoBody = (status: number): boolean => status < 200 || status === 204 || status === 304

/** Takes what `writeHead` is called with, and throws what Node would throw. */
export function headOfHandler({ req, res, prior, args }: ToTake): HandlerHead {
  const status = checkHead(res, args)
  const written = fieldsIn(args)
  const hasBody = req.method !== 'HEAD' && !hasNoBody(status)
  checkTrailer(res, { status, fields: fieldsOf(res, written), hasBody })
  const [, message] = args
  res.statusCode = status
  if (typeof message === 'string') res.statusMessage = message
  return { status, message: res.statusMessage, hasBody, ...prior.fieldsOfHandler(written) }
}
