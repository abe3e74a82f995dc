import type { HandlerRun } from '@shelflife/http'
import { overlay, shownHeaders } from '@shelflife/node-http'

import type { Platform } from './platform.ts'

/** What guards and sessions leave on a request for handlers: a response that is made of it is one user's. */
const OF_USER = ['user', 'session', 'auth']

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
  const { isShared, isHidden, replaced, noteRead, decisions } = how
  // nothing is stored of what is run for one client
  if (!isShared) return () => {}
  // the scheme is part of the key, wherever the platform has it from
  const isScheme = (name: string, value: unknown): boolean => name === 'x-forwarded-proto' && value === request.protocol
  const note = (name: string, value: unknown): void => {
    if (!isScheme(name, value)) noteRead?.(name)
  }
  const showHeaders = overlay(req, shownHeaders(req, { isHidden, replaced, noteRead: noteRead && note }))
  const showUser = watchUser(request, () => decisions.noStore())
  return () => {
    showUser()
    showHeaders()
  }
}
