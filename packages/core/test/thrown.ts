import { ShelflifeError } from '@shelflife/core'

/** The ShelflifeError that a call throws. */
export function thrown(run: () => unknown): ShelflifeError {
  try {
    run()
  } catch (error) {
    if (error instanceof ShelflifeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
