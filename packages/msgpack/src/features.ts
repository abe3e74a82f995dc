import type { CodecFeature } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { refuseOption } from '@shelflife/core/integration'

/** A bit for each of what a codec may carry beyond JSON. */
export const FEATURE: Readonly<Record<CodecFeature, number>> = {
  date: 1,
  map: 2,
  set: 4,
  bigint: 8,
  'non-finite': 0x10,
  'negative-zero': 0x20,
  undefined: 0x40,
  'typed-array': 0x80,
  'array-buffer': 0x100,
  buffer: 0x200,
  error: 0x400,
  'error-with-properties': 0x800,
  regexp: 0x1000,
  url: 0x2000,
  hole: 0x4000,
  'array-property': 0x8000,
  'class-instance': 0x1_0000,
  'boxed-primitive': 0x2_0000,
  'null-prototype': 0x4_0000,
  'proto-key': 0x8_0000,
  'lone-surrogate': 0x10_0000,
  'symbol-key': 0x20_0000,
  cycle: 0x40_0000,
}
/** Text that only msgpackr changes, so every codec is let have it. */
export const MSGPACKR_TEXT = 0x80_0000

/** A codec, to the walk over its values. */
export interface Carrier {
  readonly name: string
  /** The bits of what it carries. */
  readonly carried: number
}

/** @throws ShelflifeError `invalid-option` for a feature that is none */
export function carrierOf(name: string, carries: readonly CodecFeature[]): Carrier {
  let carried = MSGPACKR_TEXT
  if (!Array.isArray(carries as unknown)) refuseOption('carries', 'a list', carries)
  for (const feature of carries) {
    if (!Object.hasOwn(FEATURE, feature)) {
      const known = Object.keys(FEATURE).join(', ')
      throw new ShelflifeError('invalid-option', `carries must be of ${known}; received ${JSON.stringify(feature)}`)
    }
    carried |= FEATURE[feature]
  }
  return { name, carried }
}
