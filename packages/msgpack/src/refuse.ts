import { ShelflifeError } from '@shelflife/core'

/** Ends an encoding: the value would not come back as it is. */
export function refuse(what: string, options?: ErrorOptions): never {
  throw new ShelflifeError(
    'unsupported-value',
    `msgpackCodec cannot carry ${what} unchanged; return plain data from the loader`,
    options,
  )
}
