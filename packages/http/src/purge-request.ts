import type { Clock } from '@shelflife/core'
import { ShelflifeError, systemClock } from '@shelflife/core'

import { checkFunction } from './check-function.ts'

/**
 * Purges full names such as `shop#catalog/tv` and `shop` from a CDN. Rejects when it gives up. Once the signal is
 * aborted nobody can wait much longer: pauses end, and what is tried then is tried for the last time.
 */
export type Purge = (names: readonly string[], signal?: AbortSignal) => Promise<void>

/** What `cloudflarePurge` and `fastlyPurge` have in common. */
export interface PurgeClientOptions {
  /** Asks the API. Default: the `fetch` of the runtime. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** For tests. */
  readonly clock?: Clock
}

export interface PurgeRequest {
  /** What messages call the CDN. */
  readonly provider: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** Whether the body of an answer with a good status says so too. */
  readonly isDone: (answer: unknown) => boolean
}

interface Failure {
  readonly why: string
  readonly isFinal?: boolean
  /** Milliseconds that the API asked for. */
  readonly pause?: number
}

const ATTEMPTS = 5
const PATIENCE = 10_000
const FIRST_PAUSE = 500
/** What is told to wait for longer gives up. */
const LONGEST_PAUSE = 300_000

/** @throws ShelflifeError `invalid-option`, without what was received: it may be a secret in the wrong place */
export function checkPurgeOptions(credentials: Readonly<Record<string, unknown>>, { fetch }: PurgeClientOptions): void {
  if (fetch !== undefined) checkFunction('fetch', fetch)
  for (const [option, value] of Object.entries(credentials)) {
    // a header that cannot be sent would be quoted in the error of `fetch`
    const isGood = typeof value === 'string' && (option === 'token' ? /^[!-~]+$/ : /^[\w-]+$/).test(value)
    if (!isGood) throw new ShelflifeError('invalid-option', `${option} must be what the CDN calls its ${option}`)
  }
}

/** `Retry-After` in milliseconds. A date counts from the `Date` of the same answer: no other clock is compared. */
function pauseOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const until = Date.parse(text) - Date.parse(headers.get('date') ?? '')
  return until > 0 ? until : undefined
}

/** Ends early when the signal is aborted. */
function pause(ms: number, { clock, signal }: { clock: Clock; signal: AbortSignal | undefined }): Promise<void> {
  return new Promise((resolve) => {
    function end(): void {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    // with a signal it is told when somebody waits
    const cancel = clock.after(ms, end, { keepsAlive: signal === undefined })
    signal?.addEventListener('abort', end)
    if (signal?.aborted === true) end()
  })
}

async function failureOf(response: Response, isDone: PurgeRequest['isDone']): Promise<Failure | undefined> {
  const { status, headers } = response
  const isTransient = status === 408 || status === 429 || status >= 500
  const asked = pauseOf(headers)
  if (response.ok && isDone(await response.json().catch(() => undefined))) return undefined
  if (!response.bodyUsed) await response.body?.cancel()
  return {
    why: `answered ${status}`,
    isFinal: !response.ok && !isTransient,
    ...(asked !== undefined && { pause: asked }),
  }
}

/**
 * Sends a purge until it is done: again after 408, 429, 5xx, no answer and answers that make no sense, five times in
 * all, after pauses that double from half a second, less up to a half at random, or last as long as the API asks.
 *
 * @throws Error that says how it ended, without anything of the request: neither the token nor the error of `fetch`,
 * which may hold the request
 */
export async function sendPurge(
  request: PurgeRequest,
  options: PurgeClientOptions & { readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { provider, url, headers, body, isDone } = request
  const { fetch = globalThis.fetch, clock = systemClock, signal } = options

  async function ask(given: AbortSignal): Promise<Failure | undefined> {
    // a token in a header of its own would follow a redirect
    const init = { method: 'POST', redirect: 'manual', signal: given, body: JSON.stringify(body) } as const
    try {
      return await failureOf(await fetch(url, { ...init, headers }), isDone)
    } catch {
      return { why: 'could not be reached' }
    }
  }

  async function attempt(): Promise<Failure | undefined> {
    const stop = new AbortController()
    let cancel = (): void => {}
    const late = new Promise<Failure>((resolve) => {
      cancel = clock.after(PATIENCE, () => resolve({ why: `did not answer within ${PATIENCE} ms` }))
    })
    const failure = await Promise.race([ask(stop.signal), late])
    cancel()
    stop.abort()
    return failure
  }

  for (let tries = 1; ; tries++) {
    const isLast = tries === ATTEMPTS || signal?.aborted === true
    const failure = await attempt()
    if (failure === undefined) return
    const own = FIRST_PAUSE * 2 ** (tries - 1) * (1 - Math.random() / 2)
    const wait = Math.max(own, failure.pause ?? 0)
    if (isLast || failure.isFinal === true || wait > LONGEST_PAUSE) {
      throw new Error(`purging from ${provider} failed: it ${failure.why}; given up at attempt ${tries} of ${ATTEMPTS}`)
    }
    await pause(wait, { clock, signal })
  }
}
