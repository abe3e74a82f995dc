import type { Codec } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { checkCodec, refuseOption } from '@shelflife/core/integration'

/** Ids up to this one belong to codecs that turn values into bytes; the bits above say what is around them. */
const LAST_PLAIN = 0x3f
/** The ones before it belong to codecs of Shelflife. */
const FIRST_OWN = 0x20
export const COMPRESSED = 0x40
export const ENCRYPTED = 0x80

/** @throws ShelflifeError `invalid-option` for what is no codec of somebody's own */
export function checkOwnCodec(codec: Codec): void {
  checkCodec(codec)
  const { id } = codec
  if (!Number.isInteger(id) || id < FIRST_OWN || id > LAST_PLAIN) {
    refuseOption('codec.id', `a whole number from ${FIRST_OWN} to ${LAST_PLAIN}`, id)
  }
}

/**
 * The id of a codec with something around it, so that a reader with another configuration sees another codec.
 *
 * @throws ShelflifeError `invalid-option` for what is no codec, and when it is around it already, or in the wrong order
 */
export function wrappedId(codec: Codec, bit: typeof COMPRESSED | typeof ENCRYPTED): number {
  checkCodec(codec)
  const { id, name } = codec
  const inner = bit === ENCRYPTED ? id & ~COMPRESSED : id
  if (inner >= 1 && inner <= LAST_PLAIN) return id | bit
  const order = bit === COMPRESSED ? '; what is encrypted cannot be compressed: encrypted(compressed(codec))' : ''
  throw new ShelflifeError(
    'invalid-option',
    `the codec ${name} has the id ${id}, and only 1 to ${LAST_PLAIN} can be wrapped, once with each wrapper${order}`,
  )
}
