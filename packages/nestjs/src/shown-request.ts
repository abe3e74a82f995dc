import type { HandlerRun } from '@shelflife/http'
import { changedCookies, oddJars, overlay, overlayKept, shownHeaders, values } from '@shelflife/node-http'

import type { Platform } from './platform.ts'
import { incomingOf } from './incoming-of.ts'
import { isProxyTrusted } from './platform.ts'
import { showCookies } from './show-cookies.ts'
import type { WatchedRequest } from './watch-request.ts'
import { watchRequest } from './watch-request.ts'

/** A request as a handler sees it. */
export interface ShownRequest {
  /** Shows it again as it came. */
  end(): void
  /** What is read meanwhile is read by what stands in front, on the way to the client. */
  quietly: WatchedRequest['quietly']
  /** The head of the answer is known: what the platform does with an answer before is done. */
  headWritten(): void
}

/** Tells the headers that are read, but for those that say what is part of the key already, as far as they do. */
function headerNotes(
  platform: Platform,
  noteRead: (name: string) => void,
  noteInput: (path: string) => void,
): (name: string, value: unknown) => void {
  const { scheme, authority } = incomingOf(platform)
  // looked at now, when nobody watches what is read of the connection
  const isTrusted = isProxyTrusted(platform)
  function isKeyed(name: string, value: unknown): boolean {
    if (name === 'x-forwarded-proto') return isTrusted && value === scheme
    if (name === 'x-forwarded-host') return isTrusted && value === authority
    return name.startsWith(':') && (name !== ':authority' || value === authority)
  }
  return (name, value) => {
    if (isKeyed(name, value)) return
    // it is part of the key wherever it is the host that handlers are told
    if (name === 'host' && value !== authority) noteInput('req.headers.host')
    else noteRead(name)
  }
}

/** What saves a session, or sets cookies, does so when the answer is given to be sent, and looks at these for that. */
const SAVED = /^(?:req\.(?:raw\.)?session|res\.headers\.set-cookie)$/

/** What parsers make of the header. */
const COOKIES = /^req\.(?:raw\.)?(?:cookies|signedCookies)$/

const AS_IT_CAME: ShownRequest = { end() {}, quietly: (run) => run(), headWritten() {} }

/** Tells when an answer is given to Fastify to be sent. */
function onSend(reply: Platform['reply'], sent: () => void): () => void {
  if (reply === undefined) return () => {}
  const { send } = reply
  const told = (...args: readonly unknown[]): unknown => {
    sent()
    return Reflect.apply(send, reply, args)
  }
  return overlay(reply, values({ send: told }))
}

/** Shows the request as the handler is to see it: without some headers and cookies, with others in their place. */
export function shownRequest(platform: Platform, how: Omit<HandlerRun, 'decisions'>): ShownRequest {
  const { request, req, reply } = platform
  const { isShared, isHidden, replaced, cookies, noteRead, noteInput } = how
  // nothing is stored of what is run for one client
  if (!isShared) return AS_IT_CAME
  const changed = [...changedCookies(req, request), ...changedCookies(req, req)]
  const isWatched = noteRead !== undefined && noteInput !== undefined
  if (!isWatched) {
    const showHeaders = overlay(req, shownHeaders(req, { isHidden, replaced, noteRead: undefined }))
    const endCookies = showCookies(platform, cookies, { changed, tell() {} })
    return {
      ...AS_IT_CAME,
      end() {
        showHeaders()
        endCookies()
      },
    }
  }
  // as a whole, they are nothing that `cookies` of a route says something of
  const odd = [...oddJars(request).map((jar) => `req.${jar}`), ...oddJars(req).map((jar) => `req.raw.${jar}`)]
  let isBeingSent = false
  function tell(path: string): void {
    if (isBeingSent && SAVED.test(path)) return
    if (changed.length === 0 && COOKIES.test(path) && !odd.includes(path)) noteRead?.('cookie')
    else noteInput?.(path)
  }
  const header = headerNotes(platform, noteRead, noteInput)
  const watched = watchRequest(platform, tell)
  const note = (name: string, value: unknown): void => void (watched.isQuiet() || header(name, value))
  const showHeaders = overlayKept(req, shownHeaders(req, { isHidden, replaced, noteRead: note }))
  const endCookies = watched.quietly(() =>
    showCookies(platform, cookies, { changed, tell: (path) => void (watched.isQuiet() || tell(path)) }),
  )
  const endSend = onSend(reply, () => {
    isBeingSent = true
  })
  return {
    quietly: watched.quietly,
    headWritten() {
      isBeingSent = false
    },
    end() {
      endSend()
      endCookies()
      showHeaders()
      watched.end()
    },
  }
}
