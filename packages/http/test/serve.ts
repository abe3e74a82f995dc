import type { Cache, CacheOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import type { FakeClock } from '@shelflife/conformance'
import { fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { onTestFinished, vi } from 'vitest'

import type {
  Decisions,
  HandlerRun,
  Outgoing,
  ResponseCache,
  ResponseCacheOptions,
  RouteOptions,
} from '../src/index.ts'
import { cachedFetch, createResponseCache, incomingOf, outgoingOf, requestFor, responseOf } from '../src/index.ts'

type Tier = 'realtime' | 'dynamic' | 'semiStatic' | 'static' | 'reference' | 'manual' | 'absent'

export interface Reading {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The last member of `Cache-Status`, which is ours, without the name. */
  readonly cacheStatus: string
}

export type Handler = (request: Request, run: number) => Response | Promise<Response>

interface ServeOptions extends RouteOptions<Tier, Request>, Partial<ResponseCacheOptions<Tier>> {
  readonly store?: CacheOptions['store']
}

export interface Served {
  readonly cache: Cache<Tier>
  readonly responses: ResponseCache<Tier>
  readonly clock: FakeClock
  /** The requests that the handler saw, in order. */
  readonly requests: readonly Request[]
  fetch(request: Request): Promise<Response>
  /** Resolves when what was asked for has been stored as well. */
  ask(target: string, headers?: Record<string, string>, init?: RequestInit): Promise<Reading>
  /** Moves all clocks on, and lets what became due happen. */
  pass(ms: number): Promise<void>
}

export const ORIGIN = 'http://a.test'

export async function readingOf(response: Response): Promise<Reading> {
  const { status, headers } = response
  const cacheStatus = (headers.get('cache-status') ?? '').split(', ').at(-1)!.replace(/^\w+;/, '')
  return { status, headers, text: await response.text(), cacheStatus }
}

const BYTES = new Uint8Array(1)

/** Lets what is under way get as far as it can without time passing: a fill ends after its answer, with a digest. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await crypto.subtle.digest('SHA-256', BYTES)
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

interface Clocks {
  readonly clock: FakeClock
  pass(ms: number): Promise<void>
}

/** The clock of caches and the one on the wall, which move together until the test is over. */
function clocks(): Clocks {
  const clock = fakeClock()
  let wall = Date.UTC(2030, 0, 1)
  vi.useFakeTimers({ toFake: ['Date'], now: wall })
  onTestFinished(() => void vi.useRealTimers())
  return {
    clock,
    async pass(ms) {
      await settled()
      wall += ms
      vi.setSystemTime(wall)
      clock.advance(ms)
      await settled()
    },
  }
}

/** A handler behind a response cache with an empty store, until the test is over. */
export function serve(handler: Handler, options: ServeOptions = {}): Served {
  const { clock, pass } = clocks()
  const { cache: given, store = memoryStore({ clock }), ...rest } = options
  const cache = given ?? createCache({ namespace: 'test', store, clock })
  const { profile, name, maxBodySize, maxFillTime, maxVariants, targets, cdn, onUnkeyedInput, ...route } = rest
  const stated = Object.entries({ profile, name, maxBodySize, maxFillTime, maxVariants, targets, cdn })
  const responses = createResponseCache({
    cache,
    onUnkeyedInput: onUnkeyedInput ?? (() => {}),
    ...Object.fromEntries(stated.filter(([, value]) => value !== undefined)),
  })
  const requests: Request[] = []
  const fetch = cachedFetch(responses, route, async (request) => {
    requests.push(request)
    return handler(request, requests.length)
  }) as Served['fetch']
  onTestFinished(() => cache.close())
  return {
    cache,
    responses,
    clock,
    requests,
    fetch,
    pass,
    async ask(target, headers = {}, init = {}) {
      const reading = await readingOf(await fetch(new Request(`${ORIGIN}${target}`, { ...init, headers })))
      await settled()
      return reading
    },
  }
}

/** Asks a route whose handler decides. */
export function askDeciding(
  { responses }: Pick<Served, 'responses'>,
  options: RouteOptions<Tier, Request>,
  handler: (decisions: Decisions, request: Request) => Response | Promise<Response>,
): (target: string) => Promise<Reading> {
  const route = responses.route(options)
  return async (target) => {
    const request = new Request(`${ORIGIN}${target}`)
    const incoming = incomingOf(request)
    const plan = route.plan(incoming, request)
    if (plan.kind === 'pass') throw new Error('passed')
    const run = async (how: HandlerRun): Promise<Outgoing> =>
      outgoingOf(await handler(how.decisions, requestFor(request, how)))
    const outgoing = plan.kind === 'hit' ? plan.outgoing : await plan.answer({ incoming, run })
    const reading = await readingOf(responseOf(outgoing))
    await settled()
    return reading
  }
}
