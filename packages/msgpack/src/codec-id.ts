import type { Codec } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

/** Ids up to this one belong to codecs that turn values into bytes; the bits above say what is around them. */
const LAST_PLAIN = 0x3f
export const COMPRESSED = 0x40
export const ENCRYPTED = 0x80

/**
 * The id of a codec with something around it, so that a reader with another configuration sees another codec.
 *
 * @throws ShelflifeError `invalid-option` when it is around it already, or in the wrong order
 */
export function wrappedId({ id, name }: Codec, bit: typeof COMPRESSED | typeof ENCRYPTED): number {
  const inner = bit === ENCRYPTED ? id & ~COMPRESSED : id
  if (inner >= 1 && inner <= LAST_PLAIN) return id | bit
  const order = bit === COMPRESSED ? '; what is encrypted cannot be compressed: encrypted(compressed(codec))' : ''
  throw new ShelflifeError(
    'invalid-option',
    `the codec ${name} has the id ${id}, and only 1 to ${LAST_PLAIN} can be wrapped, once with each wrapper${order}`,
  )
}
