import { isPlainArray, isPlainObject } from './built-in.ts'
import { flatCopy } from './flat-copy.ts'
import { copyOf } from './isolate.ts'
import type { Memo, MemoBudget } from './memo-budget.ts'
import { bytesOf } from './memo-budget.ts'

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

/** Calls for which nothing is remembered where that is in vain. */
export const PAUSE = 10_000
/** Steps after which it is asked whether it is. */
const TRIAL = 10_000

/** Bytes of a step with its place in a Map, roughly. */
const STEP = 100

/** Names of an object, elements of a list, characters of a text. */
const LONGEST = 100
const DEEPEST = 10

const createStep = (value?: unknown): Step => ({ value, next: undefined, more: undefined, key: undefined })

/** Whether a primitive can be remembered without taking much memory. */
export const isShort = (value: unknown): boolean =>
  typeof value === 'string' ? value.length <= LONGEST : !['symbol', 'function', 'bigint'].includes(typeof value)

interface Tree extends Memo {
  root: Step
  /** Keys that were found, less those that were not, in this trial. */
  gain: number
  /** Steps made in it. */
  steps: number
  /** Calls until anything is remembered again. */
  pause: number
}

/** Of itself alone, since a budget outlives wrappers. */
function createTree(): Tree {
  const tree: Tree = {
    bytes: 0,
    root: createStep(),
    gain: 0,
    steps: 0,
    pause: 0,
    clear() {
      tree.root = createStep()
    },
  }
  return tree
}

/**
 * `encode` with a memory: arguments that were seen before are walked, step by step, to the key that they had then.
 * Building the text and hashing it costs several times as much. What is not plain, short and shallow is encoded each
 * time. `budget` bounds the memory, which then starts anew.
 */
export function keyMemo(
  encode: (args: readonly unknown[]) => string,
  budget: MemoBudget,
): (args: readonly unknown[]) => string {
  const tree = createTree()

  const known = (at: Step, value: unknown): Step | undefined =>
    at.next !== undefined && at.next.value === value ? at.next : at.more?.get(value)

  function grow(at: Step, value: unknown): Step | undefined {
    if (++tree.steps > TRIAL && isInVain()) return undefined
    budget.grew(tree, STEP + bytesOf(value))
    // what led here may be gone
    if (tree.bytes === 0) return undefined
    const made = createStep(value)
    if (at.next === undefined) at.next = made
    else (at.more ??= new Map()).set(value, made)
    return made
  }

  /** For names and marks; the runtime has a copy of every name anyway. */
  const stepTo = (at: Step, value: unknown): Step | undefined => known(at, value) ?? grow(at, value)

  const stepToValue = (at: Step, value: unknown): Step | undefined =>
    known(at, value) ?? grow(at, typeof value === 'string' ? flatCopy(value) : value)

  /** Ends the trial: where most arguments come but once, nothing is remembered for a while. */
  function isInVain(): boolean {
    const { gain } = tree
    tree.gain = tree.steps = 0
    if (gain >= 0) return false
    tree.pause = PAUSE
    budget.empty(tree)
    return true
  }

  function keep(at: Step, key: string): string {
    at.key = key
    budget.grew(tree, bytesOf(key))
    return key
  }

  function walk(from: Step, value: unknown, depth: number): Step | undefined {
    if (typeof value !== 'object' || value === null) return isShort(value) ? stepToValue(from, value) : undefined
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
    let at: Step | undefined = tree.root
    try {
      for (const arg of args) at &&= walk(at, arg, 0)
      return at
    } catch {
      // `encode` says what is wrong with it
      return undefined
    }
  }

  return (args) => {
    if (tree.pause > 0) tree.pause--
    else {
      const at = walkAll(args)
      if (at?.key !== undefined) {
        tree.gain++
        return at.key
      }
      tree.gain--
      if (at !== undefined) {
        // a getter may say one thing to whoever walks and another to whoever encodes, but not in a copy
        const copy = copyOf(args)
        if (walkAll(copy) === at) return keep(at, encode(copy))
      }
    }
    return encode(args)
  }
}
