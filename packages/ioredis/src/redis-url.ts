import { ShelflifeError } from '@shelflife/core'

/** What a URL of Redis says. */
export interface RedisUrl {
  readonly host: string
  readonly port: number
  /** What other nodes of the same Cluster are reached with, too. */
  readonly access: {
    readonly username?: string
    readonly password?: string
    readonly tls?: Record<string, never>
  }
}

/** Without a word of what was received, or of its error: both may hold a password. */
function refuse(received: string): never {
  throw new ShelflifeError(
    'invalid-option',
    `the URL must be like redis://localhost:6379 or rediss://user:password@host:6379; received ${received}`,
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('one whose user or password has a % that is not escaped as %25')
  }
}

/**
 * Reads `redis://` and `rediss://`.
 *
 * @throws ShelflifeError `invalid-option`, in which no part of a password is
 */
export function parseRedisUrl(text: string): RedisUrl {
  if (text.trim() === '') return refuse('an empty one')
  if (!URL.canParse(text)) return refuse('what is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return refuse('one with another scheme')
  if (url.hostname === '') return refuse('one without a host')
  const [username, password] = [decode(url.username), decode(url.password)]
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    access: {
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      ...(url.protocol === 'rediss:' && { tls: {} }),
    },
  }
}
