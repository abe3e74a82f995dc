import { onePerProcess } from '@shelflife/core/integration'
import type { Exchange, HandlerRun, Outgoing, Plan, ResponseLifetime, Route } from '@shelflife/http'
import { besideControl } from '@shelflife/http'
import { addToHead, ClientGone, hasGone, isSafeMethod } from '@shelflife/node-http'
import type { CallHandler, ExecutionContext } from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'
import type { IncomingMessage, Server } from 'node:http'
import { defer, Observable, of, tap } from 'rxjs'

import { boundHere } from './bound-here.ts'
import type { Caching } from './caching.ts'
import type { CapturedResponse } from './captured-response.ts'
import { captureResponse } from './captured-response.ts'
import { isRunning, takeDecisionsOf } from './decisions.ts'
import { muteResponse } from './muted-response.ts'
import { takeOuterReads } from './outer-reads.ts'
import type { Platform } from './platform.ts'
import { incomingOf } from './incoming-of.ts'
import { headersOf, platformOf } from './platform.ts'
import { priorHeaders } from './prior-headers.ts'
import type { Handle } from './refresh.ts'
import { refreshThrough, takeUpRefresh } from './refresh.ts'
import { sendThrough } from './send-through.ts'
import { settleFirst } from './settle-first.ts'

export interface AnswerInput {
  readonly context: ExecutionContext
  readonly next: CallHandler
  readonly route: Route<unknown>
  readonly caching: Caching
  readonly host: HttpAdapterHost
  /** What makes the key in the place of the URI. */
  readonly target?: string
  /** What `tags` of the route is called with. Default: the request of the platform. */
  readonly subject?: unknown
  /** What goes before the lifetime of the route. */
  readonly lifetime?: ResponseLifetime | undefined
}

const passedBy = onePerProcess('nestjs.passed', () => new WeakMap<IncomingMessage, Route<unknown>>())

type Passing = Plan & { readonly kind: 'pass' }

/** Runs the handler; an unsafe method that succeeds makes its URI void before the answer is sent. */
function pass(platform: Platform, { next }: AnswerInput, plan: Passing) {
  mark(platform, plan)
  return settleFirst(platform, { next, settle: (answer) => plan.settle(answer) })
}

function mark({ req, res, reply }: Platform, { marksFor }: Passing): void {
  if (res.headersSent) return
  if (isSafeMethod(req.method)) return addToHead(res, marksFor)
  for (const [name, value] of marksFor([])) {
    if (reply === undefined) res.appendHeader(name, value)
    else reply.header(name, value)
  }
}

/** Sends what is stored: Nest goes on as if the handler had returned nothing. */
function sendStored(platform: Platform, stored: Outgoing): void {
  const { res } = platform
  const set = headersOf(platform)
  const [, control] = set.find(([name]) => name.toLowerCase() === 'cache-control') ?? []
  const headers = besideControl(control, stored.headers)
  const through = sendThrough(res, { prior: priorHeaders(set), quietly: (run) => run() })
  if (!res.headersSent && !res.destroyed) through.send({ ...stored, headers })
  muteResponse(platform)
}

/** Answers a request of HTTP by the plan of its route. What Nest writes for a handler is what is stored. */
export function answerFromCache(input: AnswerInput): Observable<unknown> {
  const { context, next, route, caching, host } = input
  const { patience } = caching
  const platform = platformOf(context)
  const { req, res } = platform
  // a decorator at the class and one at the method are two interceptors of one route
  if (isRunning(req) || passedBy.get(req) === route) return next.handle()
  const tellOuterReads = takeOuterReads(context, req)
  const { selection, isMadeForRequest } = caching.facts(context)

  /** Runs the handler, and tells what was read of the request before it. */
  const handled: Handle = (how, captured) => {
    takeDecisionsOf(req, how.decisions)
    if (input.lifetime !== undefined) how.decisions.lifetime(input.lifetime)
    tellOuterReads(how)
    if (isMadeForRequest) how.noteInput?.('REQUEST')
    return next.handle().pipe(
      tap({
        error() {
          // Nest ends what has begun as if it were complete
          if (res.headersSent && !res.writableEnded) how.decisions.noStore()
          captured.leave()
        },
        complete: () => captured.leave(),
      }),
    )
  }

  const incoming = incomingOf(platform, { target: input.target, selection })
  const refreshed = takeUpRefresh(platform, { route, incoming, patience, handled })
  if (refreshed !== undefined) return refreshed
  const plan = route.plan(incoming, input.subject ?? platform.request)
  if (plan.kind === 'pass') {
    passedBy.set(req, route)
    return pass(platform, input, plan)
  }
  if (plan.kind === 'hit') {
    return defer(() => {
      sendStored(platform, plan.outgoing)
      return of(undefined)
    })
  }

  const answered = new Observable((subscriber) => {
    let captured: CapturedResponse | undefined
    let isDone = false

    function handle(how: HandlerRun, run: CapturedResponse): void {
      const running = handled(how, run).subscribe({
        next: (value) => subscriber.next(value),
        error(error: unknown) {
          isDone = true
          subscriber.error(error)
        },
        complete() {
          isDone = true
          subscriber.complete()
        },
      })
      subscriber.add(running)
    }

    const exchange: Exchange = {
      incoming,
      run(how) {
        if (subscriber.closed) return Promise.reject(new Error('The request was given up before its handler ran'))
        if (!how.isShared && hasGone(req, res)) return Promise.reject(new ClientGone())
        captured = captureResponse(platform, { how, patience })
        handle(how, captured)
        return captured.outgoing
      },
      refresh: (how) =>
        refreshThrough(host.httpAdapter.getHttpServer() as Server, { platform, route, incoming, how, patience }),
    }

    function hit(outgoing: Outgoing): void {
      sendStored(platform, outgoing)
      subscriber.next(undefined)
      subscriber.complete()
    }

    function failed(error: unknown): void {
      if (error instanceof ClientGone) {
        muteResponse(platform)
        subscriber.next(undefined)
        subscriber.complete()
      } else if (captured === undefined) subscriber.error(error)
      else captured.fail()
    }

    // what is torn down for a client that has gone writes nothing any more
    subscriber.add(() => {
      if (!isDone && captured?.isLost() === true) captured.breakOff(new Error('The client has gone'))
    })
    void plan
      .answer(exchange)
      .then((outgoing) => (captured === undefined ? hit(outgoing) : captured.send(outgoing)))
      .catch(failed)
  })
  return boundHere(answered)
}
