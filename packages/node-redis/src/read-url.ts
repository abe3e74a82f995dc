import { ShelflifeError } from '@shelflife/core'
import { parseRedisUrl } from '@shelflife/redis'

/** Without a word of what was received, or of its error: both may hold a password. */
export function refuseUrl(received: string): never {
  throw new ShelflifeError(
    'invalid-option',
    `the URL must be like redis://localhost:6379, rediss://user:password@host:6379 or unix:///path; received ${received}`,
  )
}

/**
 * A URL as node-redis reads it, which looks at no query: with the database as path, and TLS as scheme.
 *
 * @throws ShelflifeError `invalid-option`, in which no part of a password is
 * @example readUrl(' redis://host?db=2&tls=true\n') // rediss://host/2
 */
export function readUrl(given: unknown): string {
  if (typeof given !== 'string') return refuseUrl(`a ${typeof given}`)
  const text = given.trim()
  if (text.startsWith('unix://')) return text
  const { db, access } = parseRedisUrl(text, refuseUrl)
  const url = new URL(text)
  url.protocol = access.tls === undefined ? 'redis:' : 'rediss:'
  url.pathname = `/${db}`
  url.search = ''
  return url.href
}
