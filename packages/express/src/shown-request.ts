import type { HandlerRun, HeaderList } from '@shelflife/http'
import type { Request } from 'express'
import type { IncomingHttpHeaders } from 'node:http'

import { overlay } from './overlay.ts'

type Shown = Pick<HandlerRun, 'hidden' | 'replaced' | 'noteRead'>

/** What clients ask of caches. Express looks at it to tell whether a response is fresh. */
const FOR_CACHES: ReadonlySet<string> = new Set(['cache-control', 'pragma'])

/** What Express works out of the connection and, where the proxy is trusted, of what it forwards. It reads both always. */
const OF_CONNECTION = ['host', 'hostname', 'ip', 'ips', 'protocol']

/** Whether what the client says to be forwarded counts. */
function isProxyTrusted(req: Request): boolean {
  const isTrusted = req.app.get('trust proxy fn') as ((address: string | undefined, hop: number) => boolean) | undefined
  return isTrusted?.(req.socket.remoteAddress, 0) ?? false
}

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

function rawPairs(raw: readonly string[]): HeaderList {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []))
}

function distinct(lines: HeaderList): NodeJS.Dict<string[]> {
  const all = Object.create(null) as NodeJS.Dict<string[]>
  for (const [name, value] of lines) (all[name.toLowerCase()] ??= []).push(value)
  return all
}

/**
 * Shows the request as the handler is to see it: without some headers, with others in their place.
 *
 * @returns what shows it again as it came
 */
export function shownRequest(req: Request, { hidden, replaced, noteRead }: Shown): () => void {
  if (hidden.length === 0 && replaced.length === 0 && noteRead === undefined) return () => {}
  const gone = new Set([...hidden, ...replaced.map(([name]) => name)])
  const headers: IncomingHttpHeaders = { ...req.headers }
  for (const name of gone) delete headers[name]
  for (const [name, value] of replaced) headers[name] = value
  const lines = [...rawPairs(req.rawHeaders).filter(([name]) => !gone.has(name.toLowerCase())), ...replaced]
  let isSilent = false
  const note = (name: string): void => {
    if (!isSilent && !FOR_CACHES.has(name)) noteRead?.(name)
  }
  function workedOut(name: string): unknown {
    // the scheme is part of the key, wherever it comes from
    isSilent = name === 'protocol' || !isProxyTrusted(req)
    const value: unknown = Reflect.get(Object.getPrototypeOf(req) as object, name, req)
    isSilent = false
    return value
  }
  const show = <T extends object>(all: T): T => (noteRead === undefined ? all : watched(all, note))
  return overlay(req, {
    headers: { value: show(headers) },
    rawHeaders: { value: lines.flat() },
    headersDistinct: { get: () => show(distinct(lines)) },
    ...(noteRead && Object.fromEntries(OF_CONNECTION.map((name) => [name, { get: () => workedOut(name) }]))),
  })
}
