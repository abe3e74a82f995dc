import type { Cache, DefaultTier } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { namespaceOf } from '@shelflife/core/integration'

import type { Call } from './call.ts'
import { createCall } from './call.ts'
import type { Handling } from './cache-status.ts'
import { cacheStatus } from './cache-status.ts'
import type { Ineligible } from './eligibility.ts'
import { whyNotLookedUp } from './eligibility.ts'
import type { Exchange } from './exchange.ts'
import { createFill } from './fill.ts'
import { createFullKey } from './full-key.ts'
import type { HeaderList } from './header-list.ts'
import { forNoneBehind, privacyOf } from './for-one.ts'
import type { Incoming } from './incoming.ts'
import { createJudge } from './judgement.ts'
import { createHotAnswer } from './hot-answer.ts'
import { createKeptAnswer } from './kept-answer.ts'
import { createKnownRefusals } from './known-refusals.ts'
import type { ResponseCacheOptions, RouteOptions } from './options.ts'
import { resolveCache, resolveRoute } from './resolve-options.ts'
import type { Outgoing } from './outgoing.ts'
import type { Uri } from './plain-uri.ts'
import { isPlain, plainUri } from './plain-uri.ts'
import { createReply } from './reply.ts'
import { requestDirectives } from './request-directives.ts'
import { createResponseCounts, noteCounts } from './response-counts.ts'
import { createRespond } from './respond.ts'
import { responsesOf } from './responses-of.ts'
import { isChosen, leftFor, responseKey } from './response-key.ts'
import { inputReporter, warnOfInput } from './unkeyed-inputs.ts'
import { withSelecting } from './selecting-fields.ts'
import { needsUriTag, uriTag } from './uri-tag.ts'
import { isWrite, voidedBy } from './unsafe-method.ts'
import { createVariantLimit } from './variant-limit.ts'
import { installContextWatch } from './watch-context.ts'

/** What is to be done with one request. */
export type Plan =
  /** Run the handler and touch nothing but the head; tell `settle` the answer before it is sent. */
  | {
      readonly kind: 'pass'
      /**
       * What a head is to have beside these fields of its own: `Cache-Status`, and that it is for one client. A `Vary: *`
       * takes the place of any other `Vary`.
       */
      marksFor(headers: HeaderList): HeaderList
      settle(answer: { readonly status: number; readonly headers: HeaderList }): Promise<void>
    }
  /** Send what is stored. */
  | { readonly kind: 'hit'; readonly outgoing: Outgoing }
  /** Send what `answer` resolves with. */
  | { readonly kind: 'answer'; answer(exchange: Exchange): Promise<Outgoing> }

/** The responses of one route. */
export interface Route<Request> {
  plan(incoming: Incoming, request: Request): Plan
  /** Whether what stands in front of the cache has made the same of two requests: a refresh is for what was asked for. */
  isSame(a: Incoming, b: Incoming): boolean
}

/** What `invalidates` of the frameworks is made of. */
export interface Invalidation {
  readonly incoming: Incoming
  readonly status: number
  readonly headers: HeaderList
  /** Tags to invalidate beside the target of the request, which is void whatever becomes of them. */
  readonly tags: readonly string[] | (() => readonly string[])
}

/** As it was received, and as the handler sees it. */
function urisOf({ scheme, authority, rewritten }: Incoming, targets: readonly string[]): readonly Uri[] {
  const all = rewritten === undefined || targets.length === 0 ? targets : [...targets, rewritten]
  return all.map((target) => ({ scheme, authority, target }))
}

/** What is in the place of a list is judged as a tag: a text is one, and nothing else is. */
const listed = (tags: readonly string[] | string): readonly string[] => [tags].flat() as readonly string[]

/** Tags, and why there are not more of them. */
function tagsOf(tags: Invalidation['tags']): { readonly tags: readonly string[]; readonly error?: unknown } {
  try {
    return { tags: listed(typeof tags === 'function' ? tags() : tags) }
  } catch (error) {
    return { tags: [], error }
  }
}

interface LookUp<Request> extends Pick<Call, 'isPersonal' | 'isToldApart'> {
  readonly request: Request
  /** Whether it takes what is fresh. */
  readonly isFresh: boolean
}

const noHeader = (): undefined => undefined

/** Caches responses. */
export interface ResponseCache<Tier extends string> {
  /** @throws ShelflifeError `invalid-option`, `invalid-duration` */
  route<Request>(options: RouteOptions<Tier, Request>): Route<Request>
  /**
   * After success of an unsafe method: invalidates tags, and what that makes void. Does nothing for other answers.
   * Resolves when neither this process nor the remote store serves the old response; local copies of others live for
   * `maxDrift` at most.
   *
   * @throws ShelflifeError `invalid-option` for a tag that is no text, when all the rest is invalidated; what `tags` throws;
   *   `remote-unreachable` where the cache requires the remote store
   */
  invalidate(invalidation: Invalidation): Promise<void>
}

/**
 * Creates what caches the responses of one cache. One for each cache or namespace of it: its routes share entries and
 * loads.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`, `duplicate-name` for a second one of the same cache
 */
export function createResponseCache<Tier extends string = DefaultTier>(
  options: ResponseCacheOptions<Tier>,
): ResponseCache<Tier> {
  const policy = resolveCache(options)
  // before modules that come later bind what they read with
  installContextWatch()
  const { profile, name } = policy
  const cache = options.cache as unknown as Cache<string>
  const refusals = createKnownRefusals(systemClock)
  const { onUnkeyedInput } = options
  const report = inputReporter(onUnkeyedInput === undefined ? warnOfInput : (input) => onUnkeyedInput(input))
  const judge = createJudge({ cache, namespace: namespaceOf(cache), policy, report })
  const responses = responsesOf(cache, {
    fill: createFill({ policy, refusals, judge }),
    maxFillTime: policy.maxFillTime,
  })
  const responder = {
    cache,
    policy,
    responses,
    refusals,
    variants: createVariantLimit(policy.maxVariants),
    reply: createReply(name),
  }
  const respond = createRespond(responder)
  const kept = createKeptAnswer(responder, respond)
  const hotAnswer = createHotAnswer(responder)
  const counts = createResponseCounts()
  noteCounts(options.cache, counts)

  async function invalidate({ incoming, tags, status, headers }: Invalidation): Promise<void> {
    if (!isWrite(incoming, status)) return
    const voided = voidedBy(incoming, { status, headers })
    const stated = tagsOf(tags)
    const uris = urisOf(incoming, voided.targets)
    const keys = uris
      // what is stored as it was received, and what is stored under the plain spelling
      .flatMap((uri) => (isPlain(uri) ? [uri] : [uri, plainUri(uri)]))
      .map((uri) => responseKey({ ...uri, header: noHeader }, {}))
      .filter((key) => key !== undefined)
    const all = [...stated.tags, ...voided.tags, ...uris.map(uriTag)]
    await Promise.all([
      ...keys.map((key) => responses.invalidate(key)),
      ...(all.length === 0 ? [] : [cache.invalidateTags(all)]),
    ])
    if ('error' in stated) throw stated.error
  }

  return {
    invalidate,
    route<Request>(routeOptions: RouteOptions<Tier, Request>): Route<Request> {
      const route = resolveRoute(cache, policy, routeOptions as RouteOptions<string, never>)
      const { tags = [] } = routeOptions
      const areUrisTagged = needsUriTag(route)
      const fullKey = createFullKey(responder, route)
      const hits = counts.hitsOf(route.name)
      let wasLeft = false

      /**
       * Whether nobody behind can see what chooses the response of a request. Once something was left in front for one
       * client it is so for all of them: those without it are told apart, too.
       */
      function isToldApart(incoming: Incoming): boolean {
        wasLeft ||= leftFor(incoming, route)?.length !== 0
        return wasLeft || incoming.selection?.by === '*'
      }

      const isChosenUnseen = (incoming: Incoming): boolean =>
        leftFor(incoming, route)?.length !== 0 || incoming.selection?.by === '*'

      function pass(incoming: Incoming, why: Ineligible | 'target'): Plan {
        const outcome = why === 'method' ? 'method' : 'bypass'
        const handling = { outcome, detail: why === 'method' ? undefined : why } as const
        counts.add(route.name, handling)
        // now, and not what the handler leaves; of one that is not looked up nothing follows for others
        const isApart = why !== 'method' && (wasLeft || isChosenUnseen(incoming))
        /** Caches behind do not know such requests from others, and nobody looks at what the responses are made of. */
        function toldBehind(headers: HeaderList): HeaderList {
          const isAdded = (field: HeaderList[number]): boolean => !headers.includes(field)
          if (isApart) return forNoneBehind(headers, false).filter(isAdded)
          const selecting = withSelecting(headers, route, incoming).filter(isAdded)
          return profile === 'safe' ? [...selecting, ...privacyOf(headers)] : selecting
        }
        return {
          kind: 'pass',
          marksFor: (headers) => [
            ...(why === 'method' ? [] : toldBehind(headers)),
            ['Cache-Status', cacheStatus(name, handling)],
          ],
          settle: (answer) => invalidate({ incoming, tags: [], ...answer }),
        }
      }

      /** Whether it carries credentials that nothing was declared about. `safe` does not look such a request up at all. */
      const isAuthorized = (incoming: Incoming): boolean =>
        profile === 'rfc9111' &&
        incoming.header('authorization') !== undefined &&
        !route.headers.includes('authorization')

      /** Whether it carries what a shared response must not depend on, and nothing was declared about that. */
      const hasSecrets = (incoming: Incoming): boolean =>
        profile === 'safe'
          ? route.cookies === undefined && incoming.header('cookie') !== undefined
          : isAuthorized(incoming)

      function callOf(exchange: Exchange, request: Request, judged: Pick<Call, 'isPersonal' | 'isToldApart'>): Call {
        const { incoming, ...rest } = exchange
        const isChosenAnyhow = incoming.selection?.by === '*'
        const stated = listed(typeof tags === 'function' ? tags(request) : tags)
        const uris = urisOf(incoming, [incoming.target])
        const isFoundByUri = !areUrisTagged && uris.length === 1 && uris.every(isPlain) && !isChosen(incoming, route)
        return createCall({
          exchange: isChosenAnyhow ? { ...rest, incoming, refresh: undefined } : exchange,
          route,
          // one that is spelled otherwise is not among the keys that a write makes void
          tags: isFoundByUri ? stated : [...stated, ...uris.map(uriTag)],
          facts: {
            method: incoming.method,
            hasAuthorization: isAuthorized(incoming),
            hasCookie: incoming.header('cookie') !== undefined,
            control: requestDirectives((header) => incoming.header(header)).control,
          },
          ...judged,
        })
      }

      /** A look at all that is stored, and the handler after that. */
      function lookUp(key: readonly unknown[], { request, isFresh, ...judged }: LookUp<Request>): Plan {
        return {
          kind: 'answer',
          async answer(exchange) {
            let handling: Handling | undefined
            try {
              const call = callOf(exchange, request, judged)
              const takesStored = isFresh && !judged.isPersonal
              const answered = await (takesStored ? respond.read(call, key) : kept.answer(call, key))
              handling = answered.handling
              return answered
            } finally {
              counts.add(route.name, handling)
            }
          },
        }
      }

      return {
        isSame: (a, b) => fullKey(a) === fullKey(b),
        // without a function of its own in it: those would be made for each hit
        plan(incoming, request) {
          const { isPlain = false } = incoming
          const why = isPlain ? undefined : whyNotLookedUp(incoming, policy, route)
          if (why !== undefined) return pass(incoming, why)
          const isPersonal = !isPlain && hasSecrets(incoming)
          const judged = { isPersonal, isToldApart: isToldApart(incoming) }
          const isFresh = isPlain || !kept.isFor(incoming, false)
          const full = isFresh ? fullKey(incoming) : ''
          const outgoing = full === '' ? undefined : hotAnswer(incoming, full, judged)
          if (outgoing !== undefined) {
            hits.count++
            return { kind: 'hit', outgoing }
          }
          const key = responseKey(incoming, route)
          return key === undefined ? pass(incoming, 'target') : lookUp(key, { request, isFresh, ...judged })
        },
      }
    },
  }
}
