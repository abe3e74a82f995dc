import type { Moment } from './field-lines.ts'
import { valueAt, valuesOf } from './field-lines.ts'
import { REPLY } from './origin.ts'
import type { Answer } from './send.ts'
import type { From, OriginRequest, Step } from './suite-case.ts'

/** One step that was played. */
export interface Seen {
  readonly step: Step
  readonly number: number
  readonly answer: Answer
  /** What reached the origin meanwhile. */
  readonly requests: readonly OriginRequest[]
  /** What has reached it since the case began. */
  readonly total: number
  readonly moment: Moment
}

/**
 * Compares a step with what came of it.
 *
 * @returns `declined` when the cache asked the origin for what it might have reused and that is fine: nothing that
 * follows is about it any more
 * @throws what is wrong
 */
export function checkStep(seen: Seen, expectation: 'rfc9111' | 'safe'): 'passed' | 'declined' {
  const { step } = seen
  const from = whereFrom(seen)
  if (step.from && !isFrom(step.from, from, seen)) {
    const isOptional = step.from === 'cache' || step.from === 'validated'
    const wasAsked = from === 'origin' || from === 'validated'
    if (expectation === 'safe' && isOptional && wasAsked) return 'declined'
    fail(seen, `came from ${from}, not from ${step.from}`)
  }
  checkAnswer(seen)
  checkRequests(seen)
  step.check?.(seen.answer, seen.requests)
  return 'passed'
}

function whereFrom({ answer, number, requests }: Seen): From | 'nowhere' {
  const reply = answer.header(REPLY)
  if (reply === String(number)) return 'origin'
  if (answer.status === 0) return 'nowhere'
  if (reply === undefined && answer.status !== 304) return 'generated'
  return requests.length > 0 ? 'validated' : 'cache'
}

function isFrom(expected: From, from: From | 'nowhere', { step, requests }: Seen): boolean {
  if (expected === 'cache' && step.background) return from === 'cache' || from === 'validated'
  if (expected !== 'validated') return from === expected
  const conditional = requests.some((one) => one.header('if-none-match') ?? one.header('if-modified-since'))
  return from === 'validated' && conditional
}

function checkAnswer(seen: Seen): void {
  const { step, answer, moment } = seen
  const served = answer.header(REPLY)
  if (step.serves !== undefined && served !== String(step.serves))
    fail(seen, `served reply ${served}, not ${step.serves}`)
  if (step.status !== undefined && answer.status !== step.status) fail(seen, `status is not ${step.status}`)
  if (step.gets !== undefined && answer.body.toString('latin1') !== step.gets) fail(seen, `body is not "${step.gets}"`)
  for (const [name, wanted] of Object.entries(step.has ?? {})) {
    const values = valuesOf(answer.lines, name.toLowerCase())
    const isWanted = (value: string): boolean =>
      wanted instanceof RegExp ? wanted.test(value) : value === valueAt(wanted, moment)
    if (!values.some(isWanted)) fail(seen, `no ${name}: ${wanted instanceof RegExp ? wanted : valueAt(wanted, moment)}`)
  }
  for (const [name, unwanted] of Object.entries(step.lacks ?? {})) {
    const values = valuesOf(answer.lines, name.toLowerCase())
    if (values.some((value) => unwanted === true || unwanted.test(value)))
      fail(seen, `has ${name}: ${values.join(', ')}`)
  }
}

function checkRequests(seen: Seen): void {
  const { asked = seen.total } = seen.step
  if (asked !== seen.total) fail(seen, `came after ${seen.total} requests to the origin, not ${asked}`)
  for (const [name, wanted] of Object.entries(seen.step.asks ?? {})) {
    const isMet = seen.requests.some((request) => wanted.test(request.header(name.toLowerCase()) ?? ''))
    if (!isMet) fail(seen, `the origin was not asked with ${name}: ${wanted}`)
  }
}

function fail({ number, answer, requests }: Seen, what: string): never {
  const header = answer.lines.map(([name, value]) => `  ${name}: ${value}`).join('\n')
  const body = answer.body.length > 200 ? `(${answer.body.length} bytes)` : answer.body.toString('latin1')
  const asked = requests.map(({ method, target }) => `${method} ${target}`).join(', ') || 'nothing'
  throw new Error(
    `Answer ${number} ${what}\n  status ${answer.status}\n${header}\n  body: ${body}\n  asked of the origin: ${asked}`,
  )
}
