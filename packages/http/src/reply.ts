import { currentAge } from './age.ts'
import type { Handling } from './cache-status.ts'
import { cacheStatus } from './cache-status.ts'
import type { Validators } from './conditional.ts'
import { evaluateConditions, validatorsIn } from './conditional.ts'
import { emittedControl } from './emitted-control.ts'
import { forNoneBehind } from './for-one.ts'
import type { HeaderList } from './header-list.ts'
import { valueOf } from './header-list.ts'
import type { Incoming } from './incoming.ts'
import { notModifiedHeaders } from './not-modified.ts'
import type { Outgoing } from './outgoing.ts'
import { contentRange, selectRange } from './ranges.ts'
import type { StoredResponse } from './stored-response.ts'
import { wallClock } from './wall-clock.ts'

/** A stored response at this moment. */
export interface Found {
  readonly stored: StoredResponse
  /** Milliseconds since it was stored. */
  readonly resident: number
}

/** Whom an answer is for. */
interface Asked {
  readonly incoming: Incoming
  /** Whether it is chosen by what nobody behind can see. */
  readonly isToldApart: boolean
}

/** Makes answers of stored responses. */
export type Reply = (asked: Asked, found: Found, status: Handling) => Outgoing

/** What is worked out once for each stored response, and once for each second of its age. */
interface Prepared {
  /** Stored fields that are sent as they are. */
  readonly fixed: HeaderList
  readonly validators: Validators
  age: number
  /** `fixed` with what depends on the age. */
  aged: HeaderList
  hit: HeaderList
}

const isFixed = ([name]: readonly [string, string]): boolean => {
  const lower = name.toLowerCase()
  return lower !== 'age' && lower !== 'cache-status'
}

/** A 206 has the fields that a 304 would have, and those of the body (RFC 9110 §15.3.7). */
const withoutLength = (headers: HeaderList): HeaderList =>
  headers.filter(([name]) => name.toLowerCase() !== 'content-length')

export function createReply(cacheName: string): Reply {
  const prepared = new WeakMap<StoredResponse, Prepared>()

  function prepare(stored: StoredResponse): Prepared {
    const validators = validatorsIn(stored.headers, wallClock())
    const made = { fixed: stored.headers.filter(isFixed), validators, age: -1, aged: [], hit: [] }
    prepared.set(stored, made)
    return made
  }

  function ageing(stored: StoredResponse, made: Prepared, age: number): void {
    const { copies, lifetime } = stored
    made.age = age
    const left = lifetime - age
    const control =
      copies && emittedControl({ ...copies, shared: Math.min(copies.shared ?? 0, Math.max(0, left)), age })
    made.aged = [...made.fixed, ...(control ?? []), ['Age', String(age)]]
    made.hit = withStatus(made, stored, { outcome: 'hit' })
  }

  /** What caches before us said stands before what this one says (RFC 9211 §2). */
  function withStatus({ aged, age }: Prepared, stored: StoredResponse, status: Handling): HeaderList {
    const before = valueOf(stored.headers, 'cache-status')
    const own = cacheStatus(cacheName, { ...status, ttl: stored.lifetime - age })
    return [...aged, ['Cache-Status', before === undefined ? own : `${before}, ${own}`]]
  }

  return ({ incoming, isToldApart }, { stored, resident }, status) => {
    const made = prepared.get(stored) ?? prepare(stored)
    const age = currentAge(stored.initialAge, resident)
    if (made.age !== age) ageing(stored, made, age)
    const { body } = stored
    const isHit = status.outcome === 'hit' && status.detail === undefined && status.collapsed !== true
    const told = isHit ? made.hit : withStatus(made, stored, status)
    const headers = isToldApart ? forNoneBehind(told, stored.copies !== undefined) : told
    if (stored.status !== 200) return { status: stored.status, headers, body: bodyFor(incoming, stored) }
    return answered(incoming, { status: 200, headers, body }, made.validators)
  }
}

const bodyFor = ({ method }: Incoming, { body, status }: StoredResponse): Outgoing['body'] =>
  method === 'HEAD' || status === 204 ? null : body

/** A complete 200 as this request asked for it: not at all, in part, or whole. */
function answered(
  incoming: Incoming,
  whole: Outgoing & { readonly body: Uint8Array },
  validators: Validators,
): Outgoing {
  if (incoming.isPlain === true) return whole
  const { headers, body } = whole
  const header = (name: string): string | undefined => incoming.header(name)
  const now = wallClock()
  if (evaluateConditions({ header, status: 200, validators, now }) === 'not-modified') return unmodified(whole)
  const range = incoming.method === 'GET' ? header('range') : undefined
  if (range === undefined) return incoming.method === 'HEAD' ? { ...whole, body: null } : whole
  const part = selectRange({ range, ifRange: header('if-range'), size: body.length, validators, now })
  if (part === undefined) return whole
  const rest = [...withoutLength(headers), ['Content-Range', contentRange(part, body.length)] as const]
  if (part === 'unsatisfiable') return { status: 416, headers: [...rest, ['Content-Length', '0']], body: null }
  const length = String(part.end - part.start + 1)
  return { status: 206, headers: [...rest, ['Content-Length', length]], body: body.subarray(part.start, part.end + 1) }
}

const KEPT_ON_304: ReadonlySet<string> = new Set(['age', 'cache-status'])

/** Those of hits are asked for again as long as their age is the same. */
const ofNotModified = new WeakMap<HeaderList, HeaderList>()

function notModified(headers: HeaderList): HeaderList {
  const known = ofNotModified.get(headers)
  if (known !== undefined) return known
  const made = [...notModifiedHeaders(headers), ...headers.filter(([name]) => KEPT_ON_304.has(name.toLowerCase()))]
  ofNotModified.set(headers, made)
  return made
}

/** Whether a 200 that is on its way would be a 304 for this request. `undefined`: only its bytes can tell. */
export function isUnmodified(incoming: Incoming, { status, headers }: Outgoing): boolean | undefined {
  const validators = validatorsIn(headers, wallClock())
  const tags = incoming.header('if-none-match')
  if (status === 200 && tags !== undefined && validators.etag === undefined) return undefined
  const header = (name: string): string | undefined => incoming.header(name)
  return evaluateConditions({ header, status, validators, now: wallClock() }) === 'not-modified'
}

/** The 304 in the place of a 200 that is on its way. */
export const unmodified = ({ headers }: Outgoing): Outgoing => ({
  status: 304,
  headers: notModified(headers),
  body: null,
})
