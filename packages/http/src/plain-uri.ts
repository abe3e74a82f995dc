import type { Incoming } from './incoming.ts'

/** Where something is: an origin, and path and query there. */
export type Uri = Pick<Incoming, 'scheme' | 'authority' | 'target'>

const ENCODED = /(?:%[\da-f]{2})+/gi

/** What encodes no text stays as it is. */
function decoded(octets: string): string {
  try {
    return decodeURIComponent(octets)
  } catch {
    return octets
  }
}

const encoded = (char: string): string => encodeURIComponent(char)

/**
 * One spelling for all those of a path that a router may take for the same: in lower case, decoded where that is not needed,
 * without empty steps and without what follows a semicolon. Other paths may have it as well: then more is invalidated than
 * was meant, and never less.
 */
function plainPath(path: string): string {
  const text = path.replaceAll(ENCODED, decoded).toLowerCase()
  const [named = ''] = text.split(';', 1)
  const steps = named.split('/').filter((step) => step !== '')
  return `/${steps.join('/')}`.replaceAll(/[^\w!$&'()*+,./:=@~-]/gu, encoded)
}

/** The same for a host: in lower case, without the port that its scheme has anyway (RFC 9110 §4.2.3). */
export function plainAuthority({ scheme, authority }: Pick<Uri, 'scheme' | 'authority'>): string {
  const origin = `${scheme}://${authority}`
  return URL.canParse(origin) ? new URL(origin).host : authority.toLowerCase()
}

/** A URI in the one spelling that stands for all of its spellings. Its query is as it was received. */
export function plainUri({ scheme, authority, target }: Uri): Uri {
  const mark = target.indexOf('?')
  const [path, query] = mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
  return {
    scheme: scheme.toLowerCase(),
    authority: plainAuthority({ scheme, authority }),
    target: plainPath(path) + query,
  }
}

/** Whether a URI came in the spelling that stands for all. */
export function isPlain(uri: Uri): boolean {
  const plain = plainUri(uri)
  return plain.target === uri.target && plain.authority === uri.authority
}
