import { onePerProcess } from '@shelflife/core/integration'
import type { HandlerRun, HeaderList } from '@shelflife/http'
import { AS_IT_CAME, discard } from '@shelflife/http'
import { isSafeMethod, warn } from '@shelflife/node-http'
import type { CallHandler } from '@nestjs/common'
import type { IncomingMessage } from 'node:http'
import type { Observable } from 'rxjs'
import { defer } from 'rxjs'

import { boundHere } from './bound-here.ts'
import { captureResponse } from './captured-response.ts'
import type { Platform } from './platform.ts'

/** What a handler answered, as far as it decides what becomes void. */
interface SettledAnswer {
  readonly status: number
  readonly headers: HeaderList
}

interface SettleFirst {
  readonly next: CallHandler
  settle(answer: SettledAnswer): Promise<void>
}

const PASSING: HandlerRun = { ...AS_IT_CAME, decisions: { tag() {}, lifetime() {}, noStore() {} } }

/** Of nobody knows what: more is invalidated than had to be, and never less. */
const UNKNOWN: SettledAnswer = { status: 200, headers: [] }

const settling = onePerProcess('nestjs.settling', () => new WeakSet<IncomingMessage>())

/**
 * Runs the handler of an unsafe method and does something about its answer before the client gets that, however it is sent.
 * Where that fails the client gets a 500: what it has written may not be seen everywhere.
 */
export function settleFirst(platform: Platform, { next, settle }: SettleFirst): Observable<unknown> {
  const { req } = platform
  if (isSafeMethod(req.method) || settling.has(req)) return next.handle()
  settling.add(req)
  const settled = defer(() => {
    // a write goes on for a client that has gone, however long it takes
    const captured = captureResponse(platform, { how: PASSING, patience: Infinity, goesOn: true })
    void captured.outgoing
      .then(
        async (outgoing) => {
          try {
            await settle(outgoing)
          } catch (error) {
            warn(error)
            discard(outgoing)
            return captured.fail()
          }
          captured.send(outgoing)
        },
        async () => {
          await settle(UNKNOWN).catch(warn)
          captured.fail()
        },
      )
      .catch(() => captured.fail())
    return next.handle()
  })
  return boundHere(settled)
}
