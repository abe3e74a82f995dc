import { deserialize, serialize } from 'node:v8'

import { describeCodec } from '@shelflife/conformance'
import type { Codec, CodecFeature } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { refusing } from '@shelflife/msgpack'
import { Encoder } from 'cbor-x'
import { parse, stringify } from 'devalue'
import { expect, test } from 'vitest'

const [text, bytes] = [new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), new TextEncoder()]

const cbor = new Encoder({ mapsAsObjects: false, useRecords: true, structuredClone: false })
const OTHERS: readonly { readonly codec: Codec; readonly carries: readonly CodecFeature[] }[] = [
  {
    codec: {
      id: 40,
      name: 'cbor-x',
      // out of the memory that it goes on to use; `slice` of a Buffer would not copy
      encode: (value) => new Uint8Array(cbor.encode(value)),
      decode: (payload) => cbor.decode(payload),
    },
    // not dates: it writes seconds, which are off by a millisecond some thousand years from now; and -0 becomes 0
    carries: ['map', 'set', 'bigint', 'non-finite', 'undefined'],
  },
  {
    codec: {
      id: 41,
      name: 'devalue',
      encode: (value) => bytes.encode(stringify(value)),
      decode: (payload) => parse(text.decode(payload)),
    },
    carries: ['date', 'map', 'set', 'bigint', 'non-finite', 'negative-zero', 'undefined', 'lone-surrogate'],
  },
  {
    codec: {
      id: 42,
      name: 'node:v8',
      encode: (value) => serialize(value),
      // what is decoded shares memory with it
      decode: (payload) => deserialize(new Uint8Array(payload)),
    },
    carries: [
      'date',
      'map',
      'set',
      'bigint',
      'non-finite',
      'negative-zero',
      'undefined',
      'lone-surrogate',
      'typed-array',
    ],
  },
]

for (const { codec, carries } of OTHERS) {
  describeCodec(`refusing(${codec.name})`, { codec: refusing(codec, carries), carries })
}

test('says who refuses what', () => {
  const codec = refusing(OTHERS[0]!.codec, ['date'])
  expect(() => codec.encode({ when: new Map() })).toThrow('cbor-x cannot carry instances of Map unchanged')
  expect(() => codec.encode([undefined])).toThrow(ShelflifeError)
})

test('a feature that is none is refused', () => {
  expect(() => refusing(OTHERS[0]!.codec, ['dates' as 'date'])).toThrow(
    /^carries must be of date, map, .*received "dates"$/,
  )
})
