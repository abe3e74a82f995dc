/** V8 keeps two bytes a character as soon as one needs them. It knows this of each text, so this costs no look at those that fit. */
const WIDE = /[\u0100-\uffff]/

/** Estimated bytes of a text, on its own. */
export const sizeOfText = (text: string): number => 16 + 8 * Math.ceil((text.length * (WIDE.test(text) ? 2 : 1)) / 8)
