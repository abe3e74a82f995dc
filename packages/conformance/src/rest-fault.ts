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
