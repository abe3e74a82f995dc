import type { Context, ExecutionContext } from 'hono'

/** The execution context of a request where there is one; its getter throws where there is none. */
export function executionOf(c: Context): ExecutionContext | undefined {
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

/** Work that goes on after the answer. */
interface Lasting {
  add(work: Promise<unknown>): void
  answered(): void
}

/**
 * Keeps the runtime alive for what is not done when the answer is. After most hits nothing is left, and asking for an
 * execution context that is not there is slow.
 */
export function createLasting(c: Context): Lasting {
  const works = new Set<Promise<unknown>>()
  let isAnswered = false
  return {
    add(work) {
      if (isAnswered) return executionOf(c)?.waitUntil(work)
      works.add(work)
      void work.then(() => works.delete(work))
    },
    answered() {
      isAnswered = true
      if (works.size > 0) executionOf(c)?.waitUntil(Promise.all(works))
    },
  }
}
