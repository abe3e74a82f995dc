import type { Cache } from '@shelflife/core'
import { lifetimeIn, onlyTags } from '@shelflife/core/integration'

import { cacheGroups } from './cache-groups.ts'
import { groupTags } from './group-tags.ts'
import type { Call } from './call.ts'
import type { DecisionNotes } from './decisions.ts'
import { additionsTo } from './additions.ts'
import type { HandlerRun } from './exchange.ts'
import { freshnessLifetime } from './freshness.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { CREDENTIALS, isIdentity, NEGOTIATED } from './identity.ts'
import type { CachePolicy, RoutePolicy, UnkeyedInput } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import { withSelecting } from './selecting-fields.ts'
import { staleWindows } from './stale-windows.ts'
import { isForAll, whyNotStored } from './storability.ts'
import { storable, withEncodingVary, withVary } from './stored-headers.ts'
import type { StoredResponse } from './stored-response.ts'
import { effectiveControl } from './targeted-fields.ts'
import type { Inputs } from './unkeyed-inputs.ts'
import { unkeyedInputs } from './unkeyed-inputs.ts'
import { areCodings, byWhole, varyOf, variantOf } from './vary.ts'
import type { WhyNot } from './why-not.ts'

/** What is to become of a response, decided when its headers are there. Seconds. */
export interface Judgement extends Pick<
  StoredResponse,
  'vary' | 'variant' | 'lifetime' | 'initialAge' | 'staleWhileRevalidate' | 'staleIfError' | 'isPublic' | 'copies'
> {
  /** `undefined`: it is stored. */
  readonly refusal: WhyNot | undefined
  /** Headers for the client, before what becomes of copies is known. */
  readonly headers: HeaderList
  /** Headers for the client where it is not stored: those of the handler, and what it has looked for is in `Vary`. */
  readonly told: HeaderList
  /** Headers that are stored. */
  readonly kept: HeaderList
  /** Which of them are ours, in lower case. */
  readonly added: readonly string[]
  readonly tags: readonly string[]
}

interface ToJudge {
  readonly call: Call
  /** How the handler saw the request. */
  readonly how: Pick<HandlerRun, 'isHidden'>
  readonly outgoing: Outgoing
  readonly decisions: DecisionNotes
  /** What the handler read so far. */
  readonly reads: Inputs
  /** Seconds. */
  readonly age: number
  /** Milliseconds of the wall clock. */
  readonly now: number
}

export type Judge = (input: ToJudge) => Judgement

export interface JudgeInput {
  readonly cache: Cache<string>
  readonly namespace: string
  readonly policy: CachePolicy
  readonly report: (route: RoutePolicy, input: UnkeyedInput) => void
}

/** RFC 9111 §4.2.4 and §4.3.3: what is stored may be served while the origin cannot be asked. A day in milliseconds. */
const WHILE_DISCONNECTED = 24 * 60 * 60_000

/** Those that keep a copy for each variant; others would give one client's to all. */
const HEEDS_VARY: ReadonlySet<string> = new Set(['fastly'])

const toSeconds = (ms: number): number => ms / 1000

const withoutCookies = (headers: HeaderList): HeaderList =>
  headers.filter(([name]) => name.toLowerCase() !== 'set-cookie')

/** Makes what decides, from the headers of a response, whether and for how long it is kept. */
export function createJudge({ cache, namespace, policy, report }: JudgeInput): Judge {
  const { profile, targets, cdn } = policy
  const unstated = profile === 'rfc9111' ? WHILE_DISCONNECTED : 0

  /** What speaks against it that the handler read. */
  function ofInputs(input: ToJudge, vary: readonly string[]): WhyNot | undefined {
    const { call, reads, how } = input
    const { route, exchange } = call
    const inputs = unkeyedInputs(reads, vary, route)
    const carried = credentials(input).find(
      (name) => !how.isHidden(name) && exchange.incoming.header(name) !== undefined,
    )
    if (carried !== undefined) return carried
    if (inputs.some(({ name }) => isIdentity(name))) return 'identity'
    const [path = ''] = exchange.incoming.target.split('?', 1)
    for (const one of inputs) report(route, { ...one, path })
    return inputs.length > 0 && route.inputs === 'strict' ? 'unkeyed-input' : undefined
  }

  /** Of what shows who asks and nothing was declared about, what the handler has looked for. */
  const credentials = ({ call: { route }, reads }: ToJudge): readonly (typeof CREDENTIALS)[number][] =>
    profile === 'safe'
      ? CREDENTIALS.filter((name) => {
          const isDeclared = route.headers.includes(name) || route.unkeyed.has(name)
          return reads.headers.has(name) && !isDeclared && !(name === 'cookie' && route.cookies !== undefined)
        })
      : []

  /** What was negotiated becomes part of the variant, whether the handler says so or not. */
  const negotiated = ({ call: { route }, reads }: ToJudge): readonly string[] =>
    profile === 'safe'
      ? [...reads.headers].filter(
          (name) => NEGOTIATED.has(name) && !route.headers.includes(name) && !route.unkeyed.has(name),
        )
      : []

  return (input) => {
    const { call, how, outgoing, decisions, age, now } = input
    const { route, exchange, facts } = call
    const { status } = outgoing
    const own = withVary(withEncodingVary(outgoing.headers), negotiated(input))
    const { control, source } = effectiveControl(own, targets)
    const configured = decisions.stated === undefined ? route.lifetime : lifetimeIn(cache, decisions.stated)
    const freshness = freshnessLifetime({
      profile,
      status,
      headers: own,
      control,
      source,
      respondedAt: now,
      statuses: route.statuses,
      ttl: configured && toSeconds(configured.ttl),
      negativeTtl: configured && toSeconds(route.negativeTtl),
    })
    // the windows of a tier are for what it was chosen for, not for answers such as 404
    const isNegative = status >= 400 && freshness.source === 'configured'
    const windows = staleWindows({
      control,
      configured: {
        staleWhileRevalidate: isNegative ? 0 : toSeconds(configured?.staleWhileRevalidate ?? 0),
        staleIfError: isNegative ? 0 : toSeconds(configured?.staleIfError ?? unstated),
      },
    })
    // that nobody was there has selected it, too
    const told = withVary(own, credentials(input))
    const selecting = varyOf(told)
    const headers = withSelecting(told, route, exchange.incoming)
    const fields = selecting === '*' ? [] : selecting.filter((name) => !route.keyed.has(name))
    const vary = areCodings(linesOf(own, 'content-encoding')) ? fields : byWhole(fields)
    // what the handler was not shown has selected nothing
    const variant = variantOf(vary, (name) => (how.isHidden(name) ? undefined : exchange.incoming.header(name)))
    const stated = [...new Set([...call.tags, ...decisions.tags, ...groupTags(exchange.incoming, cacheGroups(own))])]
    const tags = onlyTags(stated).map(String)
    const added = additionsTo({ headers, tags, route, policy, namespace, now })
    const kept = storable([...(route.setCookie === 'strip' ? withoutCookies(headers) : headers), ...added], control)

    function refusal(): WhyNot | undefined {
      if (decisions.isRefused) return 'decided'
      const rule = whyNotStored({
        profile,
        request: facts,
        status,
        headers: own,
        control,
        freshness,
        initialAge: age,
        staleFor: Math.max(windows.staleWhileRevalidate, windows.staleIfError),
        setCookie: route.setCookie,
        statuses: route.statuses,
        areCookiesDeclared: route.cookies !== undefined,
        keyed: [...route.keyed],
      })
      if (rule !== undefined) return rule
      if (kept === undefined) return 'unsendable'
      if (variant === undefined) return 'vary-too-long'
      if (tags.length < stated.length) return 'invalid-tag'
      return ofInputs(input, fields)
    }

    const isSilent = ['cache-control', 'expires'].every((name) => linesOf(headers, name).length === 0)
    const all = varyOf(headers)
    const isVaried = all === '*' || all.some((name) => name !== 'accept-encoding')
    // RFC 9111 §4.1 is not what all of them go by, and they know a request by the target that it came with
    const isUntold = route.guarded || exchange.incoming.rewritten !== undefined
    const shared = cdn === undefined || isUntold || (isVaried && !HEEDS_VARY.has(cdn)) ? 0 : freshness.seconds
    return {
      refusal: refusal(),
      headers: [...headers, ...added],
      told,
      added: added.map(([name]) => name.toLowerCase()),
      kept: kept ?? [],
      tags,
      vary,
      variant: variant ?? '',
      lifetime: freshness.seconds,
      initialAge: age,
      staleWhileRevalidate: exchange.refresh === undefined ? 0 : windows.staleWhileRevalidate,
      staleIfError: windows.staleIfError,
      isPublic: isForAll(control, profile),
      copies:
        isSilent && freshness.source === 'configured' ? { browser: toSeconds(route.browserTtl), shared } : undefined,
    }
  }
}
