import { systemClock } from '@shelflife/core'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { heldTimeout } from './held-timeout.ts'
import { cameWhole, hideEnd } from './hidden-end.ts'
import { overlay } from './overlay.ts'
import type { ToldTimeout } from './told-timeout.ts'
import { toldTimeout } from './told-timeout.ts'

/** The end of an answer, of which its handler hears nothing while others wait for what it makes. */
export interface HeldEnd extends Pick<ToldTimeout, 'isInFront'> {
  /** Whether the client had gone before the handler began. */
  readonly isLate: boolean
  /**
   * Keeps an event of the response back, and makes the response look as if it had not happened. One that happened before the
   * handler began is told only to whom has listened since.
   */
  hold(event: 'finish' | 'close'): void
  /** The time of its connection is over. Returns whether anybody hears of that. */
  timedOut(args: readonly unknown[]): boolean
  /** Its handler has written something. */
  wrote(): void
  /** Shows request and response as they are: their handler is done. What was put on them before comes away after that. */
  show(): void
  /** Tells all that was kept back, in its order. From now on nothing is. */
  tell(): void
}

interface ToHold {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Whether others wait. */
  isWanted(): boolean
  /** Whether the response is being sent at this moment: what asks it then is not the handler. */
  isSending(): boolean
  /** For how long something is kept back at most, in milliseconds. */
  readonly patience: number
  /** That was too long. */
  tired(): void
  /** The handler has ended the connection itself, by whatever it is shown of it: nothing it makes is whole. */
  broken(): void
}

/** What tells of a request that its client has gone, or has its answer. */
const OF_REQUEST: ReadonlySet<string> = new Set(['aborted', 'close', 'error'])

const CLOSED = { destroyed: true, _closed: true }
const OPEN = { destroyed: false, _closed: false }

/** What Node itself does when a response has been sent: it turns to the next one on the connection. */
function turnToNext(res: ServerResponse): void {
  for (const listener of res.rawListeners('finish')) {
    if (!/\bresOnFinish$/.test(listener.name)) continue
    res.off('finish', listener as () => void)
    Reflect.apply(listener, res, [])
  }
}

/** Node reads what is left of a request to its end when it has been answered. */
const isDumped = (req: IncomingMessage & { readonly _dumped?: boolean }): boolean => req._dumped === true

/** Over HTTP/2 only its stream says so. */
const hasClosed = (res: ServerResponse & { readonly stream?: { readonly destroyed: boolean } }): boolean =>
  res.stream?.destroyed ?? res.closed

/** Over HTTP/2 nothing can set it. */
function setFinished(res: ServerResponse, isFinished: boolean): void {
  if (Object.hasOwn(res, 'finished')) Object.assign(res, { finished: isFinished })
}

/** Holds the end of a response back, and that of its request, where its client has what it wanted and others have not. */
export function heldEnd({ req, res, isWanted, isSending, patience, tired, broken }: ToHold): HeldEnd {
  const { emit } = res
  const { emit: emitOfRequest } = req
  const isLate = hasClosed(res)
  const told = new Set(isLate ? res.rawListeners('close') : [])
  const held: (() => unknown)[] = []
  const timeouts = toldTimeout(req, res)
  let cancel: (() => void) | undefined
  let isTold = false
  let isRead = req.readableEnded

  function keep(event: () => unknown): void {
    held.push(event)
    cancel ??= systemClock.after(patience, tired)
  }

  function tellClose(): void {
    Object.assign(res, CLOSED)
    if (!isLate) emit.call(res, 'close')
    else for (const listener of res.rawListeners('close')) if (!told.has(listener)) Reflect.apply(listener, res, [])
  }

  const isKept = (): boolean => !isTold && isWanted()
  const isHidden = (): boolean => isKept() && !timeouts.isInFront()

  const tellTimeout = (object: IncomingMessage | ServerResponse, args: readonly unknown[]): boolean =>
    timeouts.tell(object, args, isKept() ? hidden.socket : undefined)

  function hear(tell: () => unknown): void {
    if (isKept()) keep(tell)
    else tell()
  }

  /** Not where its handler has read it to its end, and where the rest never comes the handler has to know. */
  const isByClient = (event: string): boolean => cameWhole(req) && !(event === 'close' && isRead)

  const tellAll = overlay(req, {
    emit: {
      value(event: string, ...args: readonly unknown[]) {
        isRead ||= event === 'end' && !isDumped(req)
        const tell = (): boolean => Reflect.apply(emitOfRequest, req, [event, ...args]) as boolean
        if (event === 'timeout') return tellTimeout(req, args)
        if (!OF_REQUEST.has(event) || !isKept() || !isByClient(event)) return tell()
        keep(tell)
        return true
      },
    },
  })
  const timeout = heldTimeout({ req, res, isHidden, broken })
  const hidden = hideEnd({ req, res, isHidden, isSending, hear, broken, timed: timeout.set })

  function show(): void {
    timeout.end()
    hidden.end()
  }

  return {
    isLate,
    show,
    timedOut: (args) => tellTimeout(res, args),
    isInFront: timeouts.isInFront,
    wrote: timeout.touch,
    hold(event) {
      timeout.hold()
      if (event === 'finish') {
        turnToNext(res)
        setFinished(res, false)
        keep(() => {
          setFinished(res, true)
          return emit.call(res, 'finish')
        })
      } else {
        Object.assign(res, OPEN)
        keep(tellClose)
      }
    },
    tell() {
      if (isTold) return
      isTold = true
      cancel?.()
      show()
      tellAll()
      for (const event of held) event()
    },
  }
}
