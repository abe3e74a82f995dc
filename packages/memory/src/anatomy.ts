import { isProxy } from './is-proxy.ts'
import { numbersIn, sizeOfNumbered } from './size-of-numbered.ts'

/** An object without its contents, and where they are. */
export interface Anatomy {
  /** Bytes that it takes itself. */
  readonly own: number
  /** What has the contents as its properties: `names` of them, or as many as `length` by their numbers. */
  readonly holder: object
  readonly names: readonly string[] | undefined
  /** How many of the names are numbers: they come first, and take no room themselves. */
  readonly numbers: number
  readonly length: number
  /** Whether contents can be read without asking for their descriptors, which takes V8 ten times as long in lists. */
  readonly isOpen: boolean
  /** Whether a number that is no small integer is an object of its own. */
  readonly isBoxing: boolean
}

/** In bytes, of objects in V8, measured on Node 24. */
const SLOT = 8
const OBJECT = 24
const ARRAY = 48
const DATE = 96
const VIEW = 96
const BUFFER = 112
const COLLECTION = 72
const PLACE_IN_MAP = 28
const PLACE_IN_SET = 20

/** Small Buffers share one of these, of 64 KiB and a little; a part of anything larger keeps all of it alive. */
const LARGEST_POOL = 66 * 1024

/** A property whatever getters, subclasses and proxies make of it; nothing where there is an accessor. */
export const contentOf = (holder: object, name: PropertyKey): unknown =>
  Object.getOwnPropertyDescriptor(holder, name)?.value

/** The accessor of a built-in class, which a subclass cannot have changed. */
const reader = (prototype: object, name: string): ((object: object) => unknown) =>
  Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown)

const TypedArray = Object.getPrototypeOf(Uint8Array) as typeof Uint8Array
const bytesOfBuffer = reader(ArrayBuffer.prototype, 'byteLength')
const bytesOfArray = reader(TypedArray.prototype, 'byteLength')
const bytesOfDataView = reader(DataView.prototype, 'byteLength')
const bufferOfArray = reader(TypedArray.prototype, 'buffer')
const bufferOfDataView = reader(DataView.prototype, 'buffer')

export const bytesOfView = (view: ArrayBufferView): number =>
  (view instanceof DataView ? bytesOfDataView : bytesOfArray)(view) as number

const list = (contents: readonly unknown[], own: number): Anatomy => ({
  own,
  holder: contents,
  names: undefined,
  numbers: 0,
  length: contents.length,
  isOpen: true,
  isBoxing: true,
})

/** Places of a hash table, of which there are twice as many as before whenever it is full. */
const places = (size: number): number => 2 ** Math.max(2, Math.ceil(Math.log2(size)))

function ofView(view: ArrayBufferView): Anatomy {
  const bytes = bytesOfView(view)
  const buffer = (view instanceof DataView ? bufferOfDataView : bufferOfArray)(view) as object
  if (!(buffer instanceof ArrayBuffer)) return list([], VIEW + bytes)
  const whole = bytesOfBuffer(buffer) as number
  const isPooled = bytes < whole && whole <= LARGEST_POOL
  return isPooled ? list([], VIEW + bytes) : list([buffer], VIEW)
}

function ofMap(map: Map<unknown, unknown>): Anatomy {
  const contents: unknown[] = []
  Map.prototype.forEach.call(map, (content, key) => void contents.push(key, content))
  // the places are slots already
  const beside = PLACE_IN_MAP * places(contents.length / 2) - SLOT * contents.length
  return list(contents, COLLECTION + beside)
}

function ofSet(set: Set<unknown>): Anatomy {
  const contents: unknown[] = []
  Set.prototype.forEach.call(set, (content) => void contents.push(content))
  return list(contents, COLLECTION + PLACE_IN_SET * places(contents.length) - SLOT * contents.length)
}

function ofNames(object: object, own: number): Anatomy {
  const names = Object.keys(object)
  const numbers = numbersIn(names)
  // their places are slots already
  const beside = sizeOfNumbered(names, numbers) - SLOT * numbers
  return { own: own + beside, holder: object, names, numbers, length: names.length, isOpen: false, isBoxing: true }
}

/**
 * Takes an object apart. Runs no code of the user's but the traps of a proxy for names, prototype and descriptors;
 * throws what they throw, and for what has the prototype of a built-in class and is none.
 */
export function anatomyOf(object: object): Anatomy {
  if (Array.isArray(object)) {
    const isOpen = !isProxy(object)
    const length = isOpen ? object.length : (contentOf(object, 'length') as number)
    // lists of nothing but numbers have no objects for them, until they are frozen
    return {
      own: ARRAY,
      holder: object,
      names: undefined,
      numbers: 0,
      length,
      isOpen,
      isBoxing: Object.isFrozen(object),
    }
  }
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype === Object.prototype || prototype === null) return ofNames(object, OBJECT)
  if (ArrayBuffer.isView(object)) return ofView(object)
  if (object instanceof ArrayBuffer) return list([], BUFFER + (bytesOfBuffer(object) as number))
  if (object instanceof Map) return ofMap(object)
  if (object instanceof Set) return ofSet(object)
  return ofNames(object, object instanceof Date ? DATE : OBJECT)
}
