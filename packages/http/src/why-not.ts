import type { CaptureFailure } from './captured-body.ts'
import type { Refusal } from './storability.ts'

/**
 * Why a response was not stored. Beside what the rules say: the handler decided so (`decided`), read a header that nothing
 * tells apart (`unkeyed-input`), sent a header that cannot be sent again (`unsendable`), varies by more than a key can hold
 * (`vary-too-long`), or its body could not be kept.
 */
export type WhyNot = Refusal | CaptureFailure | 'decided' | 'unkeyed-input' | 'unsendable' | 'vary-too-long'
