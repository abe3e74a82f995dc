import type { HandlerRun, HeaderList } from '@shelflife/http'
import type { IncomingHttpHeaders } from 'node:http'

import { overlay } from './overlay.ts'
import type { Platform } from './platform.ts'

/** What clients ask of caches, which Express looks at to tell whether a response is fresh. */
const FOR_CACHES: ReadonlySet<string> = new Set(['cache-control', 'pragma'])

/** What guards and sessions leave on a request for handlers: a response that is made of it is one user's. */
const OF_USER = ['user', 'session', 'auth']

/** Headers that tell which of them are read. */
function watched<T extends object>(headers: T, note: (name: string) => void): T {
  return new Proxy(headers, {
    get(target, name) {
      if (typeof name === 'string') note(name)
      return Reflect.get(target, name) as unknown
    },
    has(target, name) {
      if (typeof name === 'string') note(name)
      return Reflect.has(target, name)
    },
  })
}

const pairsOf = (raw: readonly string[]): HeaderList =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []))

function distinct(lines: HeaderList): NodeJS.Dict<string[]> {
  const all = Object.create(null) as NodeJS.Dict<string[]>
  for (const [name, value] of lines) (all[name.toLowerCase()] ??= []).push(value)
  return all
}

/** Watches what is of a user. Returns what ends it and keeps what was set meanwhile. */
function watchUser(request: object, note: () => void): () => void {
  const held = request as Record<string, unknown>
  const now = new Map(OF_USER.map((name) => [name, held[name]]))
  const watches = OF_USER.map((name): readonly [string, PropertyDescriptor] => {
    const get = (): unknown => {
      note()
      return now.get(name)
    }
    return [name, { get, set: (value: unknown) => void now.set(name, value) }]
  })
  const end = overlay(request, Object.fromEntries(watches))
  return () => {
    end()
    for (const [name, value] of now) if (held[name] !== value) held[name] = value
  }
}

/**
 * Shows the request as the handler is to see it: without some headers, with others in their place.
 *
 * @returns what shows it again as it came
 */
export function shownRequest({ request, req }: Platform, how: HandlerRun): () => void {
  const { hidden, replaced, noteRead, decisions } = how
  // nothing is stored of what is run for one client
  if (hidden.length === 0 && replaced.length === 0 && noteRead === undefined) return () => {}
  const gone = new Set([...hidden, ...replaced.map(([name]) => name)])
  const headers: IncomingHttpHeaders = { ...req.headers }
  for (const name of gone) delete headers[name]
  for (const [name, value] of replaced) headers[name] = value
  const lines = [...pairsOf(req.rawHeaders).filter(([name]) => !gone.has(name.toLowerCase())), ...replaced]
  const note = (name: string): void => {
    // the scheme is part of the key, wherever the platform has it from
    const isScheme = name === 'x-forwarded-proto' && headers[name] === request.protocol
    if (!FOR_CACHES.has(name) && !isScheme) noteRead?.(name)
  }
  const show = <T extends object>(all: T): T => (noteRead === undefined ? all : watched(all, note))
  const shown = show(headers)
  const showHeaders = overlay(req, {
    headers: { value: shown },
    rawHeaders: { value: lines.flat() },
    headersDistinct: { get: () => show(distinct(lines)) },
  })
  const showUser = watchUser(request, () => decisions.noStore())
  return () => {
    showUser()
    showHeaders()
  }
}
