import { setTimeout as sleep } from 'node:timers/promises'

import { checkStep } from './check-step.ts'
import { linesOf } from './field-lines.ts'
import type { Origin, Script } from './origin.ts'
import { send } from './send.ts'
import type { OriginRequest, Reply, Step, SuiteCase } from './suite-case.ts'
import { wallClock } from './wall-clock.ts'

/**
 * What is asked of a cache. `rfc9111`: every MUST and MUST NOT, and every optimisation. `safe`: the former only; it may
 * decline to store, to reuse and to serve stale.
 */
export type Expectation = 'rfc9111' | 'safe'

/** What a case runs against. */
export interface UnderTest {
  /** Where the cache listens. */
  readonly url: string
  readonly origin: Origin
  readonly expectation: Expectation
}

let cases = 0

/** Plays a case at a path of its own. @throws what the cache did wrong, with the answer it gave */
export async function runCase(suiteCase: SuiteCase, { url, origin, expectation }: UnderTest): Promise<void> {
  cases += 1
  const name = `case-${cases}-${Math.random().toString(36).slice(2)}`
  const base = `${url.replace(/\/$/, '')}/${name}`
  const script: Script = { requests: [], step: 0, url: base, reply: () => ({}) }
  origin.scripts.set(name, script)

  for (const [index, step] of suiteCase.steps.entries()) {
    await sleep(1000 * (step.wait ?? 0))
    const before = script.requests.length
    script.step = index + 1
    script.reply = replyOf(step)
    const moment = { now: wallClock(), url: base }
    const answer = await send(base + (step.to ?? ''), {
      method: step.method ?? 'GET',
      lines: linesOf(step.send ?? {}, moment),
      body: step.body,
    })
    const requests = script.requests.slice(before)
    const seen = { step, number: index + 1, answer, requests, moment, total: script.requests.length }
    if (checkStep(seen, expectation) === 'declined') return
  }
}

/** What the origin answers in a step: where validation is expected, 304 to whoever asks for it. */
function replyOf({ reply = {}, from }: Step): (request: OriginRequest) => Reply {
  if (typeof reply === 'function') return reply
  if (from !== 'validated') return () => reply
  return (request) => (isConditional(request) ? { ...reply, status: 304 } : reply)
}

const isConditional = (request: OriginRequest): boolean =>
  (request.header('if-none-match') ?? request.header('if-modified-since')) !== undefined
