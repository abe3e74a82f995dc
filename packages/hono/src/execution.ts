import type { Context, ExecutionContext } from 'hono'

import type { HandlerPart } from './handler-part.ts'

/** What all requests are offered alike. The rest, such as `props`, is of whoever calls. */
const OF_ALL: ReadonlySet<string> = new Set([
  'waitUntil',
  'passThroughOnException',
  'abort',
  'exports',
  'tracing',
  'respondWith',
])

/** The execution context of a request where there is one; its getter throws where there is none. */
export function executionOf(c: Context): ExecutionContext | undefined {
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

function watched(execution: object, note: (name: string) => void): object {
  const tell = (name: string | symbol): void => {
    if (typeof name === 'string' && !OF_ALL.has(name) && !(name in Object.prototype)) note(name)
  }
  return new Proxy(execution, {
    get(target, name) {
      tell(name)
      const value: unknown = Reflect.get(target, name)
      // methods of a runtime want to be called on what is its own
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
    has(target, name) {
      tell(name)
      return Reflect.has(target, name)
    },
  })
}

/** Tells what a handler reads of whoever has called: on Workers each binding and each connection may have `props`. */
export function watchExecution(c: Context, part: HandlerPart, note: (path: string) => void): void {
  const execution = executionOf(c)
  if (execution === undefined) return
  for (const path of ['executionCtx', 'event'] as const) {
    const shown = watched(execution, (name) => note(`c.${path}.${name}`))
    const original = (): unknown => Reflect.get(Object.getPrototypeOf(c) as object, path, c)
    Object.defineProperty(c, path, { get: () => (part.isNow() && original() === execution ? shown : original()) })
  }
}
