import type { Fields, Value } from './field-lines.ts'
import type { Answer } from './send.ts'

/** A request as it arrived at the origin. */
export interface OriginRequest {
  readonly method: string
  readonly target: string
  /** Value of a header, name in lower case, several lines joined with `, `. */
  header(name: string): string | undefined
}

/** What the origin answers. */
export interface Reply {
  /** Default 200. */
  readonly status?: number
  /** Default: `Date` of now, and `Content-Length`. A field named here replaces the default one. */
  readonly headers?: Fields
  /** Default: a text no other reply of the suite has. */
  readonly body?: string | Buffer
  /** Seconds before the header is sent. Default 0. */
  readonly delay?: number
  /** Interim responses sent before this one. */
  readonly interim?: readonly { readonly status: 102 | 103; readonly headers?: Readonly<Record<string, string>> }[]
  /** Where the connection is cut: instead of an answer, or in the middle of the body. */
  readonly breakOff?: 'before-header' | 'in-body'
  /** Sent as HTTP/1.0, its body ended by the end of the connection. */
  readonly http10?: true
}

/** Where an answer came from. */
export type From =
  /** The origin was asked in this step and its reply arrived. */
  | 'origin'
  /** A reply of an earlier step, and the origin was not asked. */
  | 'cache'
  /** A reply of an earlier step, after the origin answered a conditional request with 304. */
  | 'validated'
  /** The cache itself: the answer is none of the origin's replies. */
  | 'generated'

/** One request of the client, and what has to come of it. */
export interface Step {
  /** Seconds to wait before it. Default 0. */
  readonly wait?: number
  /** Default `GET`. */
  readonly method?: string
  /** Added to the path of the case: `/other`, `?a=1`. */
  readonly to?: string
  readonly send?: Fields
  /** A request body. */
  readonly body?: string
  /** What the origin answers during this step, should it be asked. With `from: 'validated'`, the fields of its 304. */
  readonly reply?: Reply | ((request: OriginRequest) => Reply)
  readonly from?: From
  /** The number of the step, from 1, whose reply must be the one that is served. */
  readonly serves?: number
  /** A stale answer: the origin may be asked at the same time, in the background. */
  readonly background?: true
  readonly status?: number
  /** Lines the answer must have. */
  readonly has?: Readonly<Record<string, Value | RegExp>>
  /** Fields the answer must not have, or not with this value. */
  readonly lacks?: Readonly<Record<string, true | RegExp>>
  /** The body of the answer. */
  readonly gets?: string
  /** What the request that reached the origin in this step must have had. */
  readonly asks?: Readonly<Record<string, RegExp>>
  readonly check?: Check
  /** How many requests have reached the origin since the case began. */
  readonly asked?: number
}

/** Whatever else an answer has to be. Gets what reached the origin meanwhile, too. @throws what is wrong */
export type Check = (answer: Answer, requests: readonly OriginRequest[]) => void

/** One guarantee of a shared cache, as an exchange of messages. */
export interface SuiteCase {
  /** Such as `RFC 9111 §3`. */
  readonly section: string
  readonly title: string
  /**
   * `must`: required, or encouraged where declining is always possible. `may`: storing and reusing what may be stored and
   * reused, and what an RFC only recommends.
   */
  readonly level: 'must' | 'may'
  readonly steps: readonly Step[]
}

/** A case that holds for every shared cache. */
export function must(section: string, title: string, ...steps: readonly Step[]): SuiteCase {
  return { section, title, level: 'must', steps }
}

/** A case that a shared cache may decline. */
export function may(section: string, title: string, ...steps: readonly Step[]): SuiteCase {
  return { section, title, level: 'may', steps }
}
