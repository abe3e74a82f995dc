import { deserialize, serialize } from 'node:v8'

import type { Codec } from '@shelflife/core'
import type { CodecFeature } from '@shelflife/conformance'
import { jsonCodec } from '@shelflife/core/protocol'

/** A mistake in a codec, and the tests of the suite that have to notice it. */
export interface BrokenCodec {
  readonly fails: readonly string[]
  readonly codec: Codec
  readonly carries: readonly CodecFeature[]
}

const EVERYTHING = [
  'date',
  'map',
  'set',
  'bigint',
  'non-finite',
  'negative-zero',
  'undefined',
  'lone-surrogate',
] as const

const JSON_CARRIES: readonly CodecFeature[] = ['lone-surrogate', 'proto-key']
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const decodeJson = (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes))

/** As many a library merges. */
function merge(target: Record<string, unknown>, source: object): unknown {
  for (const [key, value] of Object.entries(source)) {
    const old = target[key]
    if (typeof value === 'object' && value !== null && typeof old === 'object' && old !== null) {
      merge(old as Record<string, unknown>, value)
    } else target[key] = value
  }
  return target
}

export const BROKEN_CODECS: Readonly<Record<string, BrokenCodec>> = {
  'nothing but JSON': {
    fails: ['date', 'map', 'set', 'non-finite', 'negative-zero', 'undefined', 'typed-array', 'array-buffer', 'buffer']
      .concat(['error', 'error-with-properties', 'regexp', 'url', 'hole', 'array-property', 'class-instance'])
      .concat(['boxed-primitive', 'null-prototype', 'symbol-key'])
      .map((feature) => `refuses ${feature}`)
      .concat(['refuses functions and symbols', 'refuses a value with anything in it that it does not carry']),
    codec: { ...jsonCodec, encode: (value) => encoder.encode(JSON.stringify(value) ?? 'null'), decode: decodeJson },
    carries: JSON_CARRIES,
  },
  'null for everything': {
    fails: [
      ...EVERYTHING.map((feature) => `carries ${feature}`),
      'carries or refuses what is nested deeper than any stack',
    ],
    codec: { ...jsonCodec, encode: () => jsonCodec.encode(null) },
    carries: EVERYTHING,
  },
  'null for what it does not carry': {
    fails: [...EVERYTHING.map((feature) => `refuses ${feature}`), 'refuses cycle'],
    codec: { ...jsonCodec, encode: () => jsonCodec.encode(null) },
    carries: [],
  },
  'declared to carry what it refuses': {
    fails: ['carries date', 'carries cycle', 'carries bigint', 'carries any nesting of what it carries'],
    codec: jsonCodec,
    carries: [...JSON_CARRIES, 'date', 'cycle', 'bigint'],
  },
  'what the structured clone algorithm makes of values': {
    fails: ['refuses class-instance', 'refuses null-prototype', 'refuses symbol-key', 'refuses error-with-properties'],
    codec: { id: 200, name: 'v8', encode: (value) => serialize(value), decode: (bytes) => deserialize(bytes) },
    carries: ['date', 'map', 'set', 'bigint', 'non-finite', 'negative-zero', 'undefined', 'lone-surrogate', 'cycle'],
  },
  'an id of two bytes': {
    fails: ['has an id of one byte and a name'],
    codec: { ...jsonCodec, id: 256 },
    carries: JSON_CARRIES,
  },
  'numbers with a few digits': {
    fails: ['carries what JSON carries', 'carries any nesting of what it carries'],
    codec: {
      ...jsonCodec,
      decode: (bytes) =>
        JSON.parse(decoder.decode(bytes), (_, value: unknown) =>
          typeof value === 'number' ? Math.fround(value) : value,
        ),
    },
    carries: JSON_CARRIES,
  },
  'bytes that are used again': {
    fails: ['the bytes of one value outlive the encoding of the next'],
    codec: (() => {
      const shared = new Uint8Array(2 ** 22)
      return {
        ...jsonCodec,
        encode: (value) => {
          const { written } = encoder.encodeInto(JSON.stringify(value), shared)
          return shared.subarray(0, written)
        },
      } satisfies Codec
    })(),
    carries: JSON_CARRIES,
  },
  'a value that is a view of its bytes': {
    fails: ['a decoded value does not change with the bytes it came from'],
    codec: {
      id: 200,
      name: 'view',
      encode: (value) => (Array.isArray(value) && value[0] instanceof Uint8Array ? value[0] : jsonCodec.encode(value)),
      decode: (bytes) => (bytes[0] === 1 ? [bytes] : jsonCodec.decode(bytes)),
    },
    carries: ['typed-array'],
  },
  'the whole buffer': {
    fails: ['bytes may be part of a larger buffer'],
    codec: { ...jsonCodec, decode: (bytes) => jsonCodec.decode(new Uint8Array(bytes.buffer)) },
    carries: JSON_CARRIES,
  },
  'values that it changes': {
    fails: ['leaves the value as it is, also a frozen one'],
    codec: {
      ...jsonCodec,
      encode(value) {
        if (typeof value === 'object' && value !== null && 'list' in value) value.list = null
        return jsonCodec.encode(value)
      },
    },
    carries: JSON_CARRIES,
  },
  'prototypes that it merges into': {
    fails: ['meant to reach a prototype or to be run'],
    codec: {
      ...jsonCodec,
      decode(bytes) {
        const value = jsonCodec.decode(bytes)
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? merge({}, value) : value
      },
    },
    carries: JSON_CARRIES,
  },
  'a key that becomes the prototype': {
    fails: ['a key called __proto__ never becomes the prototype', 'carries proto-key'],
    codec: {
      ...jsonCodec,
      decode(bytes) {
        const value = jsonCodec.decode(bytes)
        if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__')) return value
        const changed = {}
        for (const [key, content] of Object.entries(value)) Reflect.set(changed, key, content)
        return changed
      },
    },
    carries: JSON_CARRIES,
  },
  'code that it runs': {
    fails: ['meant to reach a prototype or to be run'],
    codec: {
      ...jsonCodec,
      decode(bytes) {
        const text = decoder.decode(bytes)
        // oxlint-disable-next-line typescript/no-implied-eval -- the mistake
        return text.includes('globalThis') ? new Function(text)() : jsonCodec.decode(bytes)
      },
    },
    carries: JSON_CARRIES,
  },
  'errors that are none': {
    fails: [
      'random ones',
      'truncated ones',
      'with flipped bits',
      'with something before, between or after',
      'none at all',
    ],
    codec: {
      ...jsonCodec,
      decode(bytes) {
        try {
          return jsonCodec.decode(bytes)
        } catch {
          throw 'broken'
        }
      },
    },
    carries: JSON_CARRIES,
  },
}
