import type { CaptureFailure } from './captured-body.ts'
import type { Refusal } from './storability.ts'

/**
 * Why a response was not stored. Beside what the rules say: the handler decided so (`decided`), read what says who somebody
 * is (`identity`) or what nothing tells apart (`unkeyed-input`), or gave a tag that is none (`invalid-tag`); something in
 * front said with the head that it is for one client (`sent-for-one`); a header cannot be sent again (`unsendable`), the
 * response varies by more than a key can hold (`vary-too-long`), or its body could not be kept.
 */
export type WhyNot =
  | Refusal
  | CaptureFailure
  | 'decided'
  | 'identity'
  | 'unkeyed-input'
  | 'invalid-tag'
  | 'sent-for-one'
  | 'unsendable'
  | 'vary-too-long'
