import { ownStorage } from '@shelflife/core/integration'
import type { Context } from 'hono'

const running = ownStorage<Context>()

/**
 * Tells apart who uses a context: what `cache()` runs, or a middleware in front of it, which has its own business with what
 * it left there.
 */
export interface HandlerPart {
  /** Whether the handler is at work at this moment, or whatever reads its body. */
  isNow(): boolean
  /** The answer goes back to the middlewares in front. What is not over, such as a body on its way, goes on beside them. */
  leave(isOver: boolean): void
  /** The middlewares in front are through with it: the body alone goes on. */
  goOn(): void
}

/** Marks all that a handler does, and what is done to read its body. */
export const asHandler = <Result>(c: Context, run: () => Result): Result =>
  running === undefined ? run() : running.run(c, run)

export function handlerPart(c: Context): HandlerPart {
  let at: 'handler' | 'front' | 'body' | 'over' = 'handler'
  return {
    // where a runtime keeps no context, both may be the handler
    isNow: () => (at === 'front' ? running === undefined || running.getStore() === c : at !== 'over'),
    leave(isOver) {
      at = isOver ? 'over' : 'front'
    },
    goOn() {
      if (at === 'front') at = 'body'
    },
  }
}
