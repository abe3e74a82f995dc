import { overlay, values } from '@shelflife/node-http'

import type { Platform } from './platform.ts'

/**
 * Nothing that is done to a response that was sent already has an effect: Nest goes on as if a handler had returned
 * nothing.
 */
export function muteResponse({ res, reply }: Platform): void {
  const same = (): unknown => res
  overlay(res, values({ setHeader: same, appendHeader: same, setHeaders: same, removeHeader() {} }))
  overlay(res, values({ writeHead: same, flushHeaders() {}, write: () => true, end: same }))
  if (reply !== undefined) overlay(reply, values({ send: () => reply, view: () => reply, redirect: () => reply }))
}
