import { onePerProcess } from '@shelflife/core/integration'
import type { HandlerRun } from '@shelflife/http'
import { watchContext } from '@shelflife/http'
import type { CanActivate, ExecutionContext, Type } from '@nestjs/common'
import { SetMetadata } from '@nestjs/common'
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core'
import type { IncomingMessage } from 'node:http'

import { methodsOf } from './methods-of.ts'
import { perPair } from './per-pair.ts'
import { platformOf } from './platform.ts'
import type { Application } from './route-facts.ts'
import { shownRequest } from './shown-request.ts'

/** What interceptors of this package are to those outside: `cache` answers, `harmless` makes nothing of a request. */
const KIND = 'shelflife:interceptor'

export const InterceptorKind = (kind: 'cache' | 'harmless'): ClassDecorator => SetMetadata(KIND, kind) as ClassDecorator

/** What Nest calls these does not leave its package. */
const GUARDS = '__guards__'
const INTERCEPTORS = '__interceptors__'

/** What interceptors that stand outside the cache have read of a request before it. */
interface OuterReads {
  readonly headers: Set<string>
  readonly properties: Set<string>
  /** Ends the watch. */
  end(): void
}

/* Decorators may be of another copy of this package than the module is. */

const watched = onePerProcess('nestjs.watched', () => new WeakMap<IncomingMessage, OuterReads>())

/** The applications of this process: a handler does not know which of them it runs in. */
const configs = onePerProcess('nestjs.configs', () => new Set<ApplicationConfig>())

const listed = (target: object): readonly unknown[] => (Reflect.getMetadata(INTERCEPTORS, target) ?? []) as unknown[]

function kindOf(interceptor: unknown): unknown {
  const type: unknown = typeof interceptor === 'function' ? interceptor : Object(interceptor).constructor
  return typeof type === 'function' ? Reflect.getMetadata(KIND, type) : undefined
}

const isCache = (interceptor: unknown): boolean => kindOf(interceptor) === 'cache'

/** Whether something of unknown intent comes before the first of a list that caches. */
function hasOuter(interceptors: readonly unknown[]): boolean {
  const first = interceptors.findIndex(isCache)
  return interceptors.slice(0, Math.max(0, first)).some((one) => kindOf(one) === undefined)
}

/** What is known by now of the routes of these. */
const known = onePerProcess('nestjs.outer', () => ({ byRoute: perPair<Type, object, boolean>() }))

function setConfigs(change: () => unknown): void {
  change()
  known.byRoute = perPair()
}

/** Whether a route has interceptors outside the cache, in whichever application. */
function isOuterOf(type: Type, handler: object): boolean {
  return known.byRoute(type, handler, () => {
    const own = [...listed(type), ...listed(handler)]
    const all = [...configs].map((config) => [
      ...config.getGlobalInterceptors(),
      ...config.getGlobalRequestInterceptors().map(({ metatype }) => metatype),
      ...own,
    ])
    return [own, ...all].some(hasOuter)
  })
}

/** Watches a request from when the last guard has let it in: what guards themselves read makes no answer. */
const LAST_GUARD: CanActivate = {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || !isOuterOf(context.getClass(), context.getHandler())) return true
    const platform = platformOf(context)
    const { method } = platform.req
    if (watched.has(platform.req) || (method !== 'GET' && method !== 'HEAD')) return true
    const headers = new Set<string>()
    const properties = new Set<string>()
    const noteInput = (path: string): void => void properties.add(path)
    const comeBack = watchContext({ note: noteInput }).leave()
    const shown = shownRequest(platform, {
      isShared: true,
      isHidden: () => false,
      replaced: [],
      cookies: undefined,
      noteRead: (name) => void headers.add(name),
      noteInput,
    })
    const end = (): void => {
      comeBack()
      // what was done to them out there is done to the request
      const now = shown.quietly(() => ({ ...platform.req.headers }))
      shown.end()
      const { headers } = platform.req
      for (const name of Object.keys(headers)) if (!Object.hasOwn(now, name)) delete headers[name]
      Object.assign(headers, now)
    }
    // an interceptor may answer itself
    platform.res.once('close', comeBack)
    watched.set(platform.req, { headers, properties, end })
    return true
  },
}

/** Tells what was read before the cache was asked. */
export type TellReads = (how: HandlerRun) => void

/** Nobody has watched: whatever there was may have been read. */
const UNKNOWN: TellReads = ({ noteInput }) => noteInput?.('REQUEST')

/** Ends the watch of a request that has come to its cache. */
export function takeOuterReads(context: ExecutionContext, req: IncomingMessage): TellReads {
  const reads = watched.get(req)
  if (reads === undefined) return isOuterOf(context.getClass(), context.getHandler()) ? UNKNOWN : () => {}
  watched.delete(req)
  reads.end()
  return ({ cookies, noteRead, noteInput }) => {
    for (const name of reads.headers) {
      // out there nothing is hidden
      if (name === 'cookie' && cookies !== undefined) noteInput?.('req.headers.cookie')
      else noteRead?.(name)
    }
    for (const path of reads.properties) noteInput?.(path)
  }
}

/** Whether all routes of an application may be cached by an interceptor that is named nowhere but in a provider. */
const cachesAll = (modules: ModulesContainer): boolean =>
  [...modules.values()].some(({ providers }) => [...providers.values()].some(({ metatype }) => isCache(metatype)))

/** Puts the watch in front of the interceptors of an application, before its routes are made. */
export function watchOuterReads({ modules, config }: Application): void {
  setConfigs(() => configs.add(config))
  const isAll = cachesAll(modules)
  for (const { controllers } of modules.values()) {
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue
      const prototype = metatype.prototype as object
      for (const name of methodsOf(prototype)) {
        const handler = Reflect.get(prototype, name) as object
        if (!isAll && ![...listed(metatype), ...listed(handler)].some(isCache)) continue
        const guards = ((Reflect.getMetadata(GUARDS, handler) ?? []) as unknown[]).filter((one) => one !== LAST_GUARD)
        Reflect.defineMetadata(GUARDS, [...guards, LAST_GUARD], handler)
      }
    }
  }
}

/** The application has ended. */
export function forgetOuterReads({ config }: Application): void {
  setConfigs(() => configs.delete(config))
}
