import { ShelflifeError } from '@shelflife/core'
import { parseRedisUrl, textOfUrl } from '@shelflife/redis'

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
  const url = textOfUrl(given)
  if (typeof url !== 'string') return refuseUrl(`a ${typeof url}`)
  const text = url.trim()
  if (text.startsWith('unix://')) return text
  const { db, access } = parseRedisUrl(text, refuseUrl)
  const read = new URL(text)
  read.protocol = access.tls === undefined ? 'redis:' : 'rediss:'
  read.pathname = `/${db}`
  read.search = ''
  return read.href
}
