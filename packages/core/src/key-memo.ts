import { isPlainArray, isPlainObject } from './built-in.ts'
import { clone } from './isolate.ts'

/** A step on the way from arguments to their key: a primitive, the name of a property, or a mark. */
interface Step {
  readonly value: unknown
  /** Most steps are only ever followed by one; a Map for each would cost more time and memory. */
  next: Step | undefined
  more: Map<unknown, Step> | undefined
  /** The key of the arguments that end here. */
  key: string | undefined
}

const ARRAY = Symbol()
const OBJECT = Symbol()
const END = Symbol()

/** What each memo of a wrapper may hold. */
export const MEMO_SIZE = 10_000

/** Names of an object, elements of a list, characters of a text. */
const LONGEST = 100
const DEEPEST = 10

const createStep = (value?: unknown): Step => ({ value, next: undefined, more: undefined, key: undefined })

/** Whether a primitive can be remembered without taking much memory. */
export const isShort = (value: unknown): boolean =>
  typeof value === 'string' ? value.length <= LONGEST : !['symbol', 'function', 'bigint'].includes(typeof value)

/**
 * `encode` with a memory: arguments that were seen before are walked, step by step, to the key that they had then.
 * Building the text and hashing it costs several times as much. What is not plain, short and shallow is encoded each
 * time. `mostSteps` bounds the memory, which then starts anew.
 */
export function keyMemo(
  encode: (args: readonly unknown[]) => string,
  mostSteps: number = MEMO_SIZE,
): (args: readonly unknown[]) => string {
  let root = createStep()
  let steps = 0
  let gain = 0
  let pause = 0

  const stepTo = (at: Step, value: unknown): Step | undefined =>
    at.next !== undefined && at.next.value === value ? at.next : branchTo(at, value)

  function branchTo(at: Step, value: unknown): Step | undefined {
    const known = at.more?.get(value)
    if (known !== undefined) return known
    if (++steps > mostSteps) {
      // where most arguments come but once, remembering them is in vain
      if (gain < 0) pause = MEMO_SIZE
      root = createStep()
      steps = gain = 0
      return undefined
    }
    const made = createStep(value)
    if (at.next === undefined) at.next = made
    else (at.more ??= new Map()).set(value, made)
    return made
  }

  function walk(from: Step, value: unknown, depth: number): Step | undefined {
    if (typeof value !== 'object' || value === null) return isShort(value) ? stepTo(from, value) : undefined
    const own = Object.keys(value)
    const isArray = isPlainArray(value)
    // holes and properties of an array's own, symbols and instances of classes are for `encode` to judge
    const isPlain = isArray ? own.length === value.length : isPlainObject(value)
    const isOpen = isPlain && own.length <= LONGEST && depth <= DEEPEST
    if (!isOpen || Object.getOwnPropertySymbols(value).length > 0) return undefined
    let at = stepTo(from, isArray ? ARRAY : OBJECT)
    for (const name of own) {
      at &&= stepTo(at, name)
      at &&= walk(at, (value as Record<string, unknown>)[name], depth + 1)
    }
    return at && stepTo(at, END)
  }

  function walkAll(args: readonly unknown[]): Step | undefined {
    let at: Step | undefined = root
    try {
      for (const arg of args) at &&= walk(at, arg, 0)
      return at
    } catch {
      // `encode` says what is wrong with it
      return undefined
    }
  }

  return (args) => {
    if (pause > 0) pause--
    else {
      const at = walkAll(args)
      if (at?.key !== undefined) {
        gain++
        return at.key
      }
      gain--
      if (at !== undefined) {
        // a getter may say one thing to whoever walks and another to whoever encodes, but not in a copy
        const copy = clone(args)
        if (walkAll(copy) === at) return (at.key = encode(copy))
      }
    }
    return encode(args)
  }
}
