import { C1 } from 'msgpackr'

import { corrupt } from './corrupt.ts'
import { isOddName, isOddText } from './odd.ts'

/*
 * What msgpackr would change is written as an array that starts with the one byte which MessagePack never uses:
 *
 * [C1, NEGATIVE_ZERO]
 * [C1, TEXT, its UTF-16 units]
 * [C1, RECORD, whether it has a prototype, [name, value, name, value, …]]
 * [C1, ERROR, name of its class, [name, value, …] of message and cause where it has them]
 *
 * `inspect` refuses C1 in values, so that nothing else can be taken for it.
 */
const NEGATIVE_ZERO = 0
const TEXT = 1
const RECORD = 2
const ERROR = 3

const ERRORS = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((made) => [made.name, made]),
)

const unitsOf = (text: string): Uint16Array => Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))

const pairsOf = (value: object, names: readonly string[]): unknown[] =>
  names.flatMap((name) => [escape(name), escape((value as Record<string, unknown>)[name])])

/** A copy of an inspected value in which everything odd is written in another way. */
export function escape(value: unknown): unknown {
  if (typeof value === 'string') return isOddText(value) ? [C1, TEXT, unitsOf(value)] : value
  if (typeof value === 'number') return Object.is(value, -0) ? [C1, NEGATIVE_ZERO] : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(escape)
  if (value instanceof Map) return new Map([...value].map(([key, content]) => [escape(key), escape(content)]))
  if (value instanceof Set) return new Set([...value].map(escape))
  if (value instanceof Error) return escapeError(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return value
  const names = Object.keys(value)
  if (prototype === null || names.some(isOddName)) return [C1, RECORD, prototype !== null, pairsOf(value, names)]
  return Object.fromEntries(names.map((name) => [name, escape((value as Record<string, unknown>)[name])]))
}

function escapeError(error: Error): unknown {
  const made = (Object.getPrototypeOf(error) as Error).constructor
  const names = ['message', 'cause'].filter((name) => Object.hasOwn(error, name))
  return [C1, ERROR, made.name, pairsOf(error, names)]
}

/** Undoes `escape`, on data that nobody else holds. */
export function unescape(value: unknown): unknown {
  if (value === C1) corrupt('an escape outside an array')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    if (value[0] === C1) return decodeEscape(value)
    for (const [i, content] of value.entries()) value[i] = unescape(content)
    return value
  }
  if (value instanceof Map) return new Map([...value].map(([key, content]) => [unescape(key), unescape(content)]))
  if (value instanceof Set) return new Set([...value].map(unescape))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const record = value as Record<string, unknown>
  for (const name of Object.keys(record)) record[name] = unescape(record[name])
  return record
}

function decodeEscape([, kind, detail, pairs]: readonly unknown[]): unknown {
  if (kind === NEGATIVE_ZERO) return -0
  if (kind === TEXT && detail instanceof Uint16Array) return textOf(detail)
  if (kind === RECORD && Array.isArray(pairs)) return define(detail === true ? {} : Object.create(null), pairs)
  const made = kind === ERROR && ERRORS.get(detail as string)
  if (made === undefined || made === false || !Array.isArray(pairs)) return corrupt('an unknown escape')
  const error = new made()
  define(error, pairs, false)
  // where it was thrown is not known here, and where it was decoded tells nobody anything
  return Object.defineProperty(error, 'stack', { value: String(error), configurable: true, writable: true })
}

function textOf(units: Uint16Array): string {
  let text = ''
  for (const unit of units) text += String.fromCharCode(unit)
  return text
}

/** By definition, not by assignment: `__proto__` is a name like any other. */
function define(target: object, pairs: readonly unknown[], enumerable = true): object {
  for (let i = 0; i < pairs.length; i += 2) {
    const name = unescape(pairs[i])
    if (typeof name !== 'string') return corrupt('a property without a name')
    Object.defineProperty(target, name, {
      value: unescape(pairs[i + 1]),
      enumerable,
      configurable: true,
      writable: true,
    })
  }
  return target
}
