import { checkNames, optionNames, refuseOption } from '@shelflife/core/integration'

import { checkNumber, checkOneOf } from './checked-properties.ts'
import type { RestRequest } from './rest-request.ts'

/** What happens to a request. Faults may be combined. */
export interface RestFault {
  /** Milliseconds until it is carried out. */
  readonly delay?: number
  /** Carried out a second time so many milliseconds after the first, whatever became of its answer. */
  readonly repeatAfter?: number
  /** Milliseconds that the answer is held back. */
  readonly holdBack?: number
  /** Resets the connection: instead of carrying it out, or instead of answering. */
  readonly drop?: 'request' | 'answer'
  /** Answers this, and carries nothing out: `{ status: 429, body: '{"error":"…"}' }`. */
  readonly answer?: {
    readonly status: number
    readonly body: string
    readonly headers?: Readonly<Record<string, string>>
  }
}

/** Decides what happens to a request that was let in; `undefined`: nothing but the answer. Also the place to count. */
export type InjectFault = (request: RestRequest) => RestFault | undefined

const FAULTS = optionNames<RestFault>({ delay: true, repeatAfter: true, holdBack: true, drop: true, answer: true })

/** @throws ShelflifeError `invalid-option` for what is no fault */
export function checkFault(fault: RestFault): void {
  checkNames('what inject returns', fault, FAULTS)
  const { delay = 0, repeatAfter = 0, holdBack = 0, drop, answer } = fault
  for (const [name, ms] of Object.entries({ delay, repeatAfter, holdBack })) checkNumber(name, 'milliseconds', ms)
  if (drop !== undefined) checkOneOf('drop', ['request', 'answer'], drop)
  const isAnswer = answer === undefined || (Number.isInteger(answer?.status) && typeof answer.body === 'string')
  if (!isAnswer) refuseOption('answer', '{ status, body, headers }', answer)
}
