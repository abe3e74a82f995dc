import { ShelflifeError } from '@shelflife/core'

/** Ends an encoding: the value would not come back as it is. */
export function refuse(by: string, what: string, options?: ErrorOptions): never {
  throw new ShelflifeError(
    'unsupported-value',
    `${by} cannot carry ${what} unchanged; return plain data from the loader`,
    options,
  )
}
