/** The longest text that msgpackr decodes on its own; its TextDecoder drops a byte order mark at the start of the rest. */
const LONGEST_SHORT = 20
const BYTE_ORDER_MARK = 0xfeff

// in ES2024, and in every runtime that has the web standards needed here
declare global {
  interface String {
    isWellFormed(): boolean
  }
}

/** Text that UTF-8, or msgpackr's decoder of it, would change: half surrogate pairs, and a byte order mark at the start. */
export const isOddText = (text: string): boolean =>
  !text.isWellFormed() || (text.charCodeAt(0) === BYTE_ORDER_MARK && text.length > LONGEST_SHORT)

/** Names that msgpackr changes (`__proto__`) or takes for its own notes on a record (`__keys__`). */
export const isOddName = (name: string): boolean => name === '__proto__' || name === '__keys__' || isOddText(name)
