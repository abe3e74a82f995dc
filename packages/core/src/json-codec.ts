import type { Codec } from './codec.ts'
import { ShelflifeError } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

const DEEPEST = 500

function refuse(what: string): never {
  throw new ShelflifeError(
    'unsupported-value',
    `JSON cannot carry ${what} unchanged; use another codec, or return plain data from the loader`,
  )
}

/** JSON.stringify drops or changes what it does not know instead of refusing it. */
function check(value: unknown, depth: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) refuse(Object.is(value, -0) ? '-0' : String(value))
    return
  }
  if (typeof value !== 'object') refuse(typeof value)
  if (depth > DEEPEST) refuse(`more than ${DEEPEST} levels or a cycle`)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype) refuse('instances of a class')
  if (Object.getOwnPropertySymbols(value).length > 0) refuse('symbols as property names')
  if (Array.isArray(value)) {
    if (Object.keys(value).length !== value.length) refuse('arrays with holes or properties')
    for (let i = 0; i < value.length; i++) {
      if (!(i in value)) refuse('arrays with holes or properties')
      check(value[i], depth + 1)
    }
    return
  }
  for (const content of Object.values(value)) check(content, depth + 1)
}

/**
 * The codec without dependencies: JSON, and nothing that JSON would change. Date, Map, Set, bigint, NaN, `undefined`
 * and instances of classes are refused, so such values are returned but not stored.
 *
 * @example createCache({ namespace: 'shop', store: remote, codec: jsonCodec })
 */
export const jsonCodec: Codec = {
  id: 1,
  name: 'json',
  encode(value: unknown): Uint8Array {
    check(value, 0)
    return encoder.encode(JSON.stringify(value))
  },
  decode(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(decoder.decode(bytes))
    } catch {
      // the parser's own message quotes the value
      throw new ShelflifeError('corrupt-envelope', 'the payload is not JSON')
    }
  },
}
