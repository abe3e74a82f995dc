/** V8 copies what is shorter. */
const SHORTEST_CUT = 13

/**
 * The same text, with memory of its own. What was cut out of a text keeps all of that alive, and so does what was put together
 * of such parts: for whatever is remembered that callers have given.
 */
export const flatCopy = (text: string): string =>
  // of the ways that work everywhere the quickest whose result is compared as quickly as any other text
  text.length < SHORTEST_CUT ? text : [text.slice(0, 1), text.slice(1)].join('')
