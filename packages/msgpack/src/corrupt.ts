import { ShelflifeError } from '@shelflife/core'

/** Ends a decoding: these bytes were not written by the codec that reads them. */
export function corrupt(what: string, options?: ErrorOptions): never {
  throw new ShelflifeError('corrupt-envelope', `the payload of this entry cannot be read: ${what}`, options)
}
