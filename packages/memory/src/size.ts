import { anatomyOf, contentOf } from './anatomy.ts'
import { sample } from './sample.ts'
import { isNewShape } from './shapes.ts'
import { sizeOfName } from './size-of-name.ts'
import { sizeOfText } from './size-of-text.ts'

const SLOT = 8
const BOXED_NUMBER = 16
const BIGINT = 16
const FUNCTION = 64
/** Of a property in the description of a shape. */
const IN_SHAPE = 64

/** Of more objects in one object, a sample stands for all. */
const MOST_PICKED = 32
/** What the walk may cost: so many objects, and a few times as many where the value is nested deep. */
const MOST_LOOKS = 256
/** Of the contents of one object, so many are read, spread at random. */
const MOST_READ = 10_000
const MOST_VISITED = 10_000
/** Objects with more properties than this may be dictionaries, each with names of its own. */
const FEW_NAMES = 16

/** An object that was found, and waits for its contents to be looked at. */
interface Part {
  readonly object: object
  readonly holder: Part | undefined
  readonly depth: number
  /** How many objects in it may be looked at. */
  readonly looks: number
  /** How many objects it stands for. */
  weight: number
  isVisited: boolean
}

/** What refers to both, directly or not. */
function commonHolder(one: Part, other: Part): Part {
  let [lower, upper] = [one, other]
  while (lower !== upper) {
    if (lower.depth < upper.depth) [lower, upper] = [upper, lower]
    lower = lower.holder ?? upper
  }
  return lower
}

/** By its digits in hexadecimal, where it has more of them than fit into one word. */
function sizeOfBigint(value: bigint): number {
  return BIGINT + (BigInt.asIntN(64, value) === value ? SLOT : value.toString(16).length / 2)
}

function sizeOfPlain(value: unknown, isBoxing: boolean): number {
  if (typeof value === 'string') return sizeOfText(value)
  if (typeof value === 'number') return isBoxing && (value | 0) !== value ? BOXED_NUMBER : 0
  if (typeof value === 'bigint') return sizeOfBigint(value)
  return typeof value === 'function' ? FUNCTION : 0
}

/** Bytes of a part without the objects in it, which are put into `found`. Each that was read stands for `each`. */
function read(part: Part, found: object[]): { readonly bytes: number; readonly each: number } {
  const { own, holder, names, numbers, length, isOpen, isBoxing } = anatomyOf(part.object)
  const each = Math.max(1, length / MOST_READ)
  const isDictionary = length > FEW_NAMES
  const isOfItsOwn = names !== undefined && length > numbers && (isDictionary || isNewShape(names))
  let bytes = 0
  for (let i = 0; i < length && i < MOST_READ; i++) {
    const at = each === 1 ? i : Math.floor((i + Math.random()) * each)
    const name = names?.[at]
    if (name !== undefined && at >= numbers && isOfItsOwn) bytes += sizeOfName(name) + (isDictionary ? 0 : IN_SHAPE)
    const content = isOpen ? (holder as readonly unknown[])[at] : contentOf(holder, name ?? at)
    if (typeof content === 'object' && content !== null) found.push(content)
    else bytes += sizeOfPlain(content, isBoxing)
  }
  return { bytes: own + SLOT * length + each * bytes, each }
}

/** Bytes of a part for all that it stands for. The objects in it, or some of them, are left waiting. */
function visit(part: Part, parts: Map<object, Part>, waiting: Part[]): number {
  part.isVisited = true
  const found: object[] = []
  const { bytes, each } = read(part, found)
  const sampled = sample(found, Math.min(part.looks, MOST_PICKED))
  const looks = Math.max(1, Math.floor(part.looks / sampled.length))
  for (const { object, weight: likes } of sampled) {
    const known = parts.get(object)
    if (known === undefined) {
      const weight = part.weight * each * likes
      const next = { object, holder: part, depth: part.depth + 1, looks, weight, isVisited: false }
      parts.set(object, next)
      waiting.push(next)
    } else if (known.weight > 1 && !known.isVisited) known.weight = commonHolder(known.holder ?? known, part).weight
  }
  return part.weight * bytes
}

/**
 * Estimated bytes that a value keeps alive. What is referred to twice counts once. It looks at a sample of what has many
 * parts, so that it costs a small share of making the value. Calls no getter and no iterator.
 *
 * @throws what `anatomyOf` throws
 */
export function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return SLOT + sizeOfPlain(value, true)
  const root: Part = { object: value, holder: undefined, depth: 0, looks: MOST_LOOKS, weight: 1, isVisited: false }
  const parts = new Map<object, Part>([[value, root]])
  // level by level: what two parts refer to is found to be one thing before it is counted
  const waiting = [root]
  let bytes = SLOT
  for (let i = 0; i < waiting.length && i < MOST_VISITED; i++) bytes += visit(waiting[i] as Part, parts, waiting)
  return Math.ceil(bytes)
}
