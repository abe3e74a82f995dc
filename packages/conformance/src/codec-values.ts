import type { CodecFeature } from '@shelflife/core'
import * as fc from 'fast-check'

import { codePoint } from './code-point.ts'
import { CODEC_SAMPLES } from './codec-features.ts'

/** Where more than the samples can be made up. */
const MADE_UP: Partial<Record<CodecFeature, fc.Arbitrary<unknown>>> = {
  date: fc.date({ noInvalidDate: true }),
  bigint: fc.bigInt(),
  'typed-array': fc.oneof(fc.uint8Array(), fc.float64Array(), fc.int16Array(), fc.bigUint64Array()),
  'lone-surrogate': fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
}

const ODD_NAMES = ['', '0', '-1', 'length', 'constructor', 'prototype', 'toString', 'toJSON', 'then']

/** Any nesting of what JSON has and of the features given. */
export function codecValues(carries: readonly CodecFeature[]): fc.Arbitrary<unknown> {
  const names = fc
    .oneof(fc.string({ unit: codePoint, maxLength: 8 }), fc.constantFrom(...ODD_NAMES))
    .filter((name) => name !== '__proto__' || carries.includes('proto-key'))
  const leaves: readonly fc.Arbitrary<unknown>[] = [
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.string({ unit: codePoint }),
    ...carries.map((feature) => MADE_UP[feature] ?? fc.constantFrom(...CODEC_SAMPLES[feature]())),
  ]

  return fc.letrec<{ value: unknown }>((tie) => {
    const value = tie('value')
    const containers: fc.Arbitrary<unknown>[] = [
      fc.array(value, { maxLength: 5 }),
      fc.dictionary(names, value, { maxKeys: 5, noNullPrototype: true }),
    ]
    if (carries.includes('map')) containers.push(fc.array(fc.tuple(value, value)).map((pairs) => new Map(pairs)))
    if (carries.includes('set')) containers.push(fc.array(value).map((contents) => new Set(contents)))
    return { value: fc.oneof({ depthSize: 'small' }, ...leaves, ...containers) }
  }).value
}
