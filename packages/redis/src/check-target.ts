import { ShelflifeError } from '@shelflife/core'

interface Library {
  readonly library: string
  /** Options that only other libraries have, and what to write instead. */
  readonly others: Readonly<Record<string, string>>
}

/**
 * Refuses clients and options of another library: this one would not look at them and connect to localhost.
 *
 * @throws ShelflifeError `invalid-option`, with no value in it
 * @example checkTarget(target, { library: 'ioredis', others: { url: 'give the URL itself' } })
 */
export function checkTarget(target: object, { library, others }: Library): void {
  if (typeof Reflect.get(target, 'connect') === 'function') {
    throw new ShelflifeError('invalid-option', `the first argument is a client, and not one of ${library}`)
  }
  for (const [name, instead] of Object.entries(others)) {
    if (Reflect.get(target, name) === undefined) continue
    throw new ShelflifeError(
      'invalid-option',
      `the first argument has ${name}, which ${library} does not know; ${instead}`,
    )
  }
}
