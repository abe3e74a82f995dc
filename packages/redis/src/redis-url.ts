import { ShelflifeError } from '@shelflife/core'

/** What a URL of Redis says. */
export interface RedisUrl {
  readonly host: string
  readonly port: number
  readonly db: number
  /** What other nodes of the same Cluster are reached with, too. */
  readonly access: {
    readonly username?: string
    readonly password?: string
    readonly tls?: Record<string, never>
  }
}

/** Without a word of what was received, or of its error: both may hold a password. */
function refuseUrl(received: string): never {
  throw new ShelflifeError(
    'invalid-option',
    `the URL must be like redis://localhost:6379 or rediss://user:password@host:6379; received ${received}`,
  )
}

type Refuse = typeof refuseUrl

function decode(text: string, refuse: Refuse): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('one whose user or password has a % that is not escaped as %25')
  }
}

/** What may stand in the query; other words would go to the client unseen, which takes them for options of its own. */
const PARAMETERS: ReadonlySet<string> = new Set(['db', 'tls'])

/** What the query says, of which nothing is said twice. */
function stated({ searchParams, hash }: URL, refuse: Refuse): ReadonlyMap<string, string> {
  if (hash !== '') return refuse('one with a #, which a user or password has as %23')
  const parameters = [...searchParams]
  const found = new Map(parameters)
  if (found.size < parameters.length) return refuse('one with a parameter that is there twice')
  for (const name of found.keys()) {
    if (!PARAMETERS.has(name)) return refuse('one with a parameter other than db and tls')
  }
  return found
}

function databaseIn(path: string, parameter: string | undefined, refuse: Refuse): number {
  if (path !== '' && parameter !== undefined) return refuse('one with two databases')
  const text = parameter ?? (path || '0')
  return /^\d{1,4}$/.test(text) ? Number(text) : refuse('one whose database is no number')
}

function isTls(protocol: string, parameter: string | undefined, refuse: Refuse): boolean {
  if (parameter === undefined) return protocol === 'rediss:'
  if (parameter !== 'true' && parameter !== 'false') return refuse('one whose parameter tls is neither true nor false')
  return parameter === 'true'
}

/**
 * Reads `redis://` and `rediss://`, with the number of a database as path or as `?db=`, and `?tls=true`. White space around
 * it, as files with secrets have it, does not count.
 *
 * @param refuse throws for whoever takes other URLs too, and says so; it is told what was received, without a part of it
 * @throws ShelflifeError `invalid-option`, in which no part of a password is
 * @example parseRedisUrl('rediss://user:secret@host/2') // { host: 'host', port: 6379, db: 2, access: { username, password, tls } }
 */
export function parseRedisUrl(given: string, refuse: (received: string) => never = refuseUrl): RedisUrl {
  const text = given.trim()
  if (text === '') return refuse('an empty one')
  if (!URL.canParse(text)) return refuse('what is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return refuse('one with another scheme')
  if (url.hostname === '') return refuse('one without a host')
  const parameters = stated(url, refuse)
  const [username, password] = [decode(url.username, refuse), decode(url.password, refuse)]
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: databaseIn(url.pathname.slice(1), parameters.get('db'), refuse),
    access: {
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      ...(isTls(url.protocol, parameters.get('tls'), refuse) && { tls: {} }),
    },
  }
}
