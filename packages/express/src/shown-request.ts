import type { HandlerRun } from '@shelflife/http'
import {
  asMade,
  changedCookies,
  createAside,
  isInKey,
  isJar,
  JARS,
  oddJars,
  overlayKept,
  shownHeaders,
  trustsOthers,
  watchConnection,
} from '@shelflife/node-http'
import type { Request, Response } from 'express'

import { watchInFront } from './in-front.ts'
import { incomingOf, isProxyTrusted } from './incoming-of.ts'

/** A request as its handler sees it. */
export interface ShownRequest {
  /** Shows it again as it came. */
  readonly asCame: () => void
  /** Runs what stands in front of the cache: what it reads does not count. */
  readonly aside: <Result>(step: () => Result) => Result
}

/** What Express works out of the connection and of what trusted proxies forward, and the key has as well: of which header. */
const KEYED: Readonly<Record<string, string>> = {
  host: 'x-forwarded-host',
  hostname: 'x-forwarded-host',
  protocol: 'x-forwarded-proto',
}

/** What it reads of headers for a host. */
const OF_HOST: ReadonlySet<string> = new Set(['host', 'x-forwarded-host'])

/** What Express works out of the same, and the key does not have. */
const OF_CLIENT = ['ip', 'ips']

/** What parsers in front have made of the header, and nothing else: who looks for a cookie in there looks for it in the header. */
function parsedIn(req: Request): ReadonlySet<string> {
  const odd = oddJars(req)
  const parsed = changedCookies(req, req).length === 0 ? JARS.filter((jar) => !odd.includes(jar)) : []
  return new Set(parsed.map((jar) => `req.${jar}`))
}

/**
 * The cookies that a parser in front has left, but for those that the handler must not see. What something else has made of them
 * it sees, and reads as an input.
 */
function shownCookies(req: Request, shown: readonly string[], note: (path: string) => void): PropertyDescriptorMap {
  const jars = JARS.filter((jar) => Object.hasOwn(req, jar) && isJar(req[jar]))
  const changed = changedCookies(req, req)
  const isShown = (name: string): boolean => shown.includes(name) || changed.includes(name)
  const pick = (all: object) => Object.fromEntries(Object.entries(all).filter(([name]) => isShown(name)))
  const property = (value: unknown, path: string): PropertyDescriptor =>
    changed.length === 0
      ? { value }
      : {
          get() {
            note(path)
            return value
          },
        }
  return Object.fromEntries(jars.map((jar) => [jar, property(pick(req[jar] as object), `req.${jar}`)]))
}

interface ToShow {
  readonly req: Request
  readonly res: Response
}

/** Shows the request as the handler is to see it: without some headers, with others in their place. */
export function shownRequest({ req, res }: ToShow, how: Omit<HandlerRun, 'decisions'>): ShownRequest {
  const { isShared, isHidden, replaced, cookies, noteRead, noteInput } = how
  if (!isShared) return { asCame() {}, aside: (step) => step() }
  const { scheme, authority } = incomingOf(req, res)
  const uri = { scheme, authority }
  const isTrusted = isProxyTrusted(req)
  const { app } = asMade(req)
  const isHostForwarded = authority !== (req.headers.host ?? '')
  const { isAside, aside } = createAside()
  const { isAside: isWorking, aside: working } = createAside()

  /** Whether the key says the same, wherever it comes from. */
  const isKeyed = (name: string, value: unknown): boolean =>
    (isWorking() && OF_HOST.has(name)) ||
    (isTrusted &&
      ((name === 'x-forwarded-proto' && value === scheme) || (name === 'x-forwarded-host' && value === authority)))

  const note = (path: string): void => {
    if (!isAside()) noteInput?.(path)
  }
  const noteConnection = (path: string): void => {
    if (!isWorking()) note(path)
  }
  function noteHeader(name: string, value: unknown): void {
    if (isAside() || isKeyed(name, value)) return
    if (name === '*') note('req.headers')
    // the key has the host that was forwarded in its place
    else if (name === 'host' && isHostForwarded) note('req.headers.host')
    else noteRead?.(name)
  }

  const workedOut = (name: string): unknown => Reflect.get(Object.getPrototypeOf(req) as object, name, req) as unknown
  function keyed(name: string): unknown {
    // the key has the scheme whatever it is made of, and the host as Express itself makes it
    const value = (name === 'protocol' ? aside : working)(() => workedOut(name))
    const header = KEYED[name] ?? ''
    if (!isTrusted && trustsOthers(req.app, app)) noteHeader(header, req.headers[header])
    else if (!isInKey(name, value, uri)) note(`req.${name}`)
    return value
  }
  function ofClient(name: string): unknown {
    note(`req.${name}`)
    return aside(() => workedOut(name))
  }
  const accessors = (names: readonly string[], get: (name: string) => unknown): PropertyDescriptorMap =>
    Object.fromEntries(
      // what something in front has put in its place is watched itself
      names.filter((name) => !Object.hasOwn(req, name)).map((name) => [name, { get: () => get(name) }]),
    )

  // before there is anything of ours on the request
  const connection = noteInput && watchConnection(req, noteConnection)
  const parsed = parsedIn(req)
  const noteLeft = (path: string): void => (parsed.has(path) ? noteHeader('cookie', undefined) : note(path))
  const endWatch = noteInput && watchInFront({ req, res }, noteLeft)
  const takeAway = aside(() =>
    overlayKept(req, {
      ...shownHeaders(req, { isHidden, replaced, noteRead: noteRead && noteHeader }),
      ...(cookies && shownCookies(req, cookies, note)),
      ...(noteRead && accessors(Object.keys(KEYED), keyed)),
      ...(noteInput && accessors(OF_CLIENT, ofClient)),
      ...connection?.properties,
    }),
  )
  return {
    aside,
    asCame() {
      takeAway()
      connection?.end()
      endWatch?.()
    },
  }
}
