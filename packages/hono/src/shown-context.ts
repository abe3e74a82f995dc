import type { HandlerRun } from '@shelflife/http'
import { requestFor, WHO_ASKS } from '@shelflife/http'
import type { Context } from 'hono'

import { watchedEnvironment } from './environment.ts'
import { watchExecution } from './execution.ts'
import type { HandlerPart } from './handler-part.ts'
import { isReplaced, watchProperties } from './left-properties.ts'
import { watchRenderer } from './left-renderer.ts'
import { watchAllHeaders } from './shown-headers.ts'
import { watchValidated } from './validated.ts'

type Note = (path: string) => void

/** Variables whose absence is an answer, too. */
const ABSENT: ReadonlySet<unknown> = new Set([...WHO_ASKS, 'jwtPayload'])

/** A property that is another one for the handler. */
const shared = (part: HandlerPart, forOthers: unknown, forHandler: unknown): PropertyDescriptor => ({
  get: () => (part.isNow() ? forHandler : forOthers),
  set(value) {
    if (part.isNow()) forHandler = value
    else forOthers = value
  },
  enumerable: true,
  configurable: true,
})

/** Tells which variables are read that were set in front. What the handler sets is its own. */
function watchVariables(c: Context, part: HandlerPart, note: Note): void {
  const own = new Set<unknown>()
  const { get, set } = c as { get(name: unknown): unknown; set(name: unknown, value: unknown): void }
  const isOthers = isReplaced(c, 'get')
  const all = (): object => Reflect.get(Object.getPrototypeOf(c) as object, 'var', c) as object
  const tell = (name: unknown): void => {
    if (part.isNow() && !own.has(name) && (ABSENT.has(name) || Object.hasOwn(all(), name as string)))
      note(`c.var.${String(name)}`)
  }
  const told = (variables: object): object =>
    new Proxy(variables, {
      get(target, name) {
        tell(name)
        return Reflect.get(target, name) as unknown
      },
      has(target, name) {
        tell(name)
        return Reflect.has(target, name)
      },
      // whoever goes through all of them
      getOwnPropertyDescriptor(target, name) {
        tell(name)
        return Reflect.getOwnPropertyDescriptor(target, name)
      },
    })
  Object.defineProperties(c, {
    get: {
      value(name: unknown) {
        if (isOthers && part.isNow()) note('c.get')
        tell(name)
        return get(name)
      },
    },
    set: {
      value(name: unknown, value: unknown) {
        if (part.isNow()) own.add(name)
        set(name, value)
      },
    },
    var: { get: () => (part.isNow() ? told(all()) : all()) },
  })
}

/**
 * Shows the handler a request whose answer others get, and notes what it reads of what something in front of the cache has
 * left for it. Whoever is in front goes on seeing the context as it is.
 */
export function showContext(c: Context, how: HandlerRun, part: HandlerPart): void {
  if (!how.isShared) return
  const { req, env } = c
  const { raw } = req
  const seen = requestFor(raw, how, 'c.req.raw')
  Object.defineProperty(req, 'raw', shared(part, raw, seen))
  const { noteInput: note, noteRead } = how
  if (note === undefined || noteRead === undefined) return
  watchProperties(c, { path: 'c', part, note })
  watchProperties(req, { path: 'c.req', part, note })
  Object.defineProperty(
    c,
    'env',
    shared(
      part,
      env,
      watchedEnvironment(env, {
        note,
        noteUnsure: () => part.isNow() && how.decisions.noStore(),
        original: (value) => (value === seen ? raw : value),
      }),
    ),
  )
  watchExecution(c, part, note)
  watchVariables(c, part, note)
  watchValidated(c, part, note)
  watchRenderer(c, part, note)
  watchAllHeaders(c, { part, noteRead, noteAll: () => note('c.req.raw.headers') })
}
