import type { HandlerRun } from '@shelflife/http'
import { overlay, shownHeaders } from '@shelflife/node-http'
import type { Request } from 'express'

type Shown = Pick<HandlerRun, 'isShared' | 'isHidden' | 'replaced' | 'noteRead'>

/** What Express works out of the connection and, where the proxy is trusted, of what it forwards. It reads both always. */
const OF_CONNECTION = ['host', 'hostname', 'ip', 'ips', 'protocol']

/** Whether what the client says to be forwarded counts. */
function isProxyTrusted(req: Request): boolean {
  const isTrusted = req.app.get('trust proxy fn') as ((address: string | undefined, hop: number) => boolean) | undefined
  return isTrusted?.(req.socket.remoteAddress, 0) ?? false
}

/**
 * Shows the request as the handler is to see it: without some headers, with others in their place.
 *
 * @returns what shows it again as it came
 */
export function shownRequest(req: Request, { isShared, isHidden, replaced, noteRead }: Shown): () => void {
  if (!isShared) return () => {}
  let isSilent = false
  const note = (name: string): void => {
    if (!isSilent) noteRead?.(name)
  }
  function workedOut(name: string): unknown {
    // the scheme is part of the key, wherever it comes from
    isSilent = name === 'protocol' || !isProxyTrusted(req)
    const value: unknown = Reflect.get(Object.getPrototypeOf(req) as object, name, req)
    isSilent = false
    return value
  }
  return overlay(req, {
    ...shownHeaders(req, { isHidden, replaced, noteRead: noteRead && note }),
    ...(noteRead && Object.fromEntries(OF_CONNECTION.map((name) => [name, { get: () => workedOut(name) }]))),
  })
}
