import { afterAll, beforeAll, describe, test } from 'vitest'

import { ALL_CASES } from './all-cases.ts'
import { startOrigin } from './origin.ts'
import type { Expectation } from './run-case.ts'
import { startCases } from './run-cases.ts'

/** A cache that listens. */
export interface Mounted {
  readonly url: string
  close(): Promise<void>
}

export interface SharedCacheOptions {
  /** Puts a new and empty cache up on loopback, in front of the origin whose URL is given. */
  readonly mount: (originUrl: string) => Promise<Mounted>
  /** `rfc9111`: all of it. `safe`: what it must and must not do; it may decline to store. */
  readonly expectation: Expectation
  /** Titles of optional behaviours that the cache declines; they are shown as skipped. Default: none. */
  readonly declined?: readonly string[]
}

function refuseUnknown(declined: readonly string[]): void {
  const optional = new Set(ALL_CASES.filter(({ level }) => level === 'may').map(({ title }) => title))
  const unknown = declined.filter((title) => !optional.has(title))
  if (unknown.length > 0) throw new Error(`No optional behaviour is called ${unknown.join(', ')}`)
}

/**
 * A vitest suite of what HTTP asks of a shared cache: RFC 9111, RFC 9110 as far as caches are concerned, RFC 5861, RFC
 * 9211 and RFC 9213, one behaviour a test, named after its section. The suite brings its own origin and client and talks
 * to the cache over loopback only.
 *
 * All cases start together, since many wait for real seconds; the suite takes about as long as the slowest of them.
 * What is optional is skipped, and shown as skipped, where `safe` is expected.
 *
 * @example
 * describeSharedCache('Express 5', { expectation: 'rfc9111', mount: async (originUrl) => listen(createProxy(originUrl)) })
 */
export function describeSharedCache(name: string, { mount, expectation, declined = [] }: SharedCacheOptions): void {
  refuseUnknown(declined)
  describe(name, () => {
    const cases = ALL_CASES.filter(
      ({ level, title }) => level === 'must' || (expectation === 'rfc9111' && !declined.includes(title)),
    )
    const outcomes = new Map<unknown, Promise<unknown>>()
    const closing: (() => Promise<void>)[] = []

    beforeAll(async () => {
      const origin = await startOrigin()
      closing.push(() => origin.close())
      const mounted = await mount(origin.url)
      closing.unshift(() => mounted.close())
      const started = startCases(cases, { url: mounted.url, origin, expectation })
      for (const [i, one] of cases.entries()) outcomes.set(one, started[i] ?? Promise.resolve())
    })
    afterAll(async () => {
      for (const close of closing) await close()
    })

    for (const one of ALL_CASES) {
      test.skipIf(!cases.includes(one))(`${one.section}: ${one.title}`, { timeout: 60_000 }, async () => {
        if (!outcomes.has(one)) throw new Error('The case was not started')
        const wrong = await outcomes.get(one)
        if (wrong !== undefined) throw wrong
      })
    }
  })
}
