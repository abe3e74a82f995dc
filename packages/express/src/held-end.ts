import type { Request, Response } from 'express'
import type { EventEmitter } from 'node:events'

import { overlay } from '@shelflife/node-http'

/** The end of an answer, of which its handler hears nothing while others wait for what it makes. */
export interface HeldEnd {
  /** Keeps an event of the response back, and makes the response look as if it had not happened. */
  hold(event: 'finish' | 'close'): void
  /** Tells all that was kept back, in its order. From now on nothing is. */
  tell(): void
}

interface ToHold {
  readonly req: Request
  readonly res: Response
  /** Whether others wait. */
  isWanted(): boolean
  /** For how long something is kept back at most, in milliseconds. */
  readonly patience: number
  /** That was too long. */
  tired(): void
}

/** What tells of a request that its client has gone, or has its answer. */
const OF_REQUEST: ReadonlySet<string> = new Set(['aborted', 'close', 'error'])

const CLOSED = { destroyed: true, _closed: true }
const OPEN = { destroyed: false, _closed: false }

/** What Node itself does when a response has been sent: it turns to the next one on the connection. */
function turnToNext(res: EventEmitter): void {
  for (const listener of res.rawListeners('finish')) {
    if (!/\bresOnFinish$/.test(listener.name)) continue
    res.off('finish', listener as () => void)
    Reflect.apply(listener, res, [])
  }
}

export function heldEnd({ req, res, isWanted, patience, tired }: ToHold): HeldEnd {
  const { emit } = res
  const { emit: emitOfRequest } = req
  const held: (() => unknown)[] = []
  let timer: NodeJS.Timeout | undefined
  let isTold = false

  function keep(event: () => unknown): void {
    held.push(event)
    timer ??= setTimeout(tired, patience).unref()
  }

  const showAsCame = overlay(req, {
    emit: {
      value(event: string, ...args: readonly unknown[]) {
        const tell = (): boolean => Reflect.apply(emitOfRequest, req, [event, ...args]) as boolean
        if (!OF_REQUEST.has(event) || isTold || !isWanted()) return tell()
        keep(tell)
        return true
      },
    },
  })

  return {
    hold(event) {
      if (event === 'finish') {
        keep(() => {
          res.finished = true
          return emit.call(res, 'finish')
        })
        turnToNext(res)
        res.finished = false
      } else {
        keep(() => emit.call(Object.assign(res, CLOSED), 'close'))
        Object.assign(res, OPEN)
      }
    },
    tell() {
      if (isTold) return
      isTold = true
      clearTimeout(timer)
      showAsCame()
      for (const event of held) event()
    },
  }
}
