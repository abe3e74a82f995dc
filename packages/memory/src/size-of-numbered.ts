const SLOT = 8
const HEADER = 16
const PLACE_IN_TABLE = 24
/** So far beyond the last place a number makes a table of the list at once. */
const LARGEST_GAP = 1024
/** A list with fewer places stays one, however many are empty. */
const FEW_PLACES = 5000
/** So many times as large as a table may a list be. */
const MOST_EMPTY = 9

/** The first of so many for which it does not hold: it holds for none behind that. */
function firstNot(count: number, holds: (at: number) => boolean): number {
  let [from, to] = [0, count]
  while (from < to) {
    const middle = (from + to) >> 1
    if (holds(middle)) from = middle + 1
    else to = middle
  }
  return from
}

/** Below it a number is no name, but says where something is. */
const MOST_NUMBERS = 2 ** 32 - 1

function isNumber(name: string): boolean {
  const number = Number(name) >>> 0
  return number < MOST_NUMBERS && String(number) === name
}

/** How many of the names of an object are numbers: they come first, in order (ECMA-262 §10.1.11.1). Mostly there are none. */
export function numbersIn(names: readonly string[]): number {
  const [first] = names
  return first !== undefined && isNumber(first) ? firstNot(names.length, (at) => isNumber(names[at] as string)) : 0
}

const placesInTable = (taken: number): number => 2 ** Math.max(2, Math.ceil(Math.log2(1.5 * taken)))

/**
 * Bytes of the places that V8 keeps for the first `count` names, which are numbers: a list with a place for each number up to the
 * last, and half as many more when it grows, or a table of those that there are. As an object gets them that is filled in order;
 * measured on Node 24.
 */
export function sizeOfNumbered(names: readonly string[], count: number): number {
  if (count === 0) return 0
  const numberAt = (at: number): number => Number(names[at])
  let places = 0
  for (let at = 0; at < count; at = firstNot(count, (other) => numberAt(other) < places)) {
    const number = numberAt(at)
    const grown = number + (number >> 1) + 16
    const isSparse = grown > FEW_PLACES && MOST_EMPTY * placesInTable(at) <= grown
    if (number - places >= LARGEST_GAP || isSparse) return HEADER + PLACE_IN_TABLE * placesInTable(count)
    places = grown
  }
  return HEADER + SLOT * places
}
