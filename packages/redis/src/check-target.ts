import { ShelflifeError } from '@shelflife/core'
import { requireObject } from '@shelflife/core/integration'

interface Library {
  readonly library: string
  /** Options that only other libraries have, and what to write instead. */
  readonly others: Readonly<Record<string, string>>
}

function refuse(message: string): never {
  throw new ShelflifeError('invalid-option', message)
}

/** The text of a URL that is given as an object, and whatever else is given as it is. */
export const textOfUrl = <Given>(given: Given): Given | string =>
  Object.prototype.toString.call(given) === '[object URL]' ? String(given) : given

const isClient = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && typeof (given as { readonly connect?: unknown }).connect === 'function'

/**
 * Refuses what are no options, and clients and options of another library: this one would not look at them and connect to
 * localhost.
 *
 * @throws ShelflifeError `invalid-option`, with no value in it
 * @example checkTarget(target, { library: 'ioredis', others: { url: 'give the URL itself' } })
 */
export function checkTarget(target: unknown, { library, others }: Library): void {
  requireObject('the first argument', target, `a URL, options of ${library} or a client`)
  const options = target as Readonly<Record<string, unknown>>
  if (isClient(options)) {
    refuse(`the first argument is a client, and not one of ${library}`)
  }
  for (const [name, instead] of Object.entries(others)) {
    if (options[name] === undefined) continue
    refuse(`the first argument has ${name}, which ${library} does not know; ${instead}`)
  }
  const client = Object.keys(options).find((name) => isClient(options[name]))
  if (client !== undefined) refuse(`the first argument has ${client}, which is a client; give the client itself`)
}

/**
 * Refuses what is no name of a host, such as a part of a URL with its password: it would stand in the error of the look-up.
 *
 * @throws ShelflifeError `invalid-option`, with no value in it
 * @example checkHosts([options.host])
 */
export function checkHosts(hosts: readonly unknown[]): void {
  for (const host of hosts) {
    if (host === undefined || (typeof host === 'string' && /^[^\s@/]*$/.test(host))) continue
    refuse('host must be the name or address of a server and nothing else; received something else')
  }
}
