import type { Context, ExecutionContext } from 'hono'

/** The execution context of a request where there is one; its getter throws where there is none. */
export function executionOf(c: Context): ExecutionContext | undefined {
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}
