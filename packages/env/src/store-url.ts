import { refuse } from './refuse.ts'

/** A node of a Cluster, or a Sentinel. */
interface Address {
  readonly host: string
  readonly port: number
}

/** What the URL says, by its scheme. */
export type Target =
  | { readonly kind: 'memory' }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[]; readonly access: Access }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly Address[]
      readonly name: string
      readonly db: number
      readonly access: Access
    }
  | { readonly kind: 'upstash'; readonly url: string }
  | { readonly kind: 'sqlite'; readonly path: string }

interface Access {
  readonly username?: string
  readonly password?: string
  readonly tls?: Record<string, never>
}

const SCHEMES =
  'memory:, redis://host:6379, rediss://host:6379, redis+cluster://host:6379,host:6379, ' +
  'redis+sentinel://host:26379,host:26379/name, https://name.upstash.io, or sqlite:///path/to/file.db'

/** Several hosts, which the URL of the web has not. */
const SEVERAL = /^redis\+(cluster|sentinel):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/

const decode = (variable: string, text: string, part = 'user or password'): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse(variable, `a URL in which a % of a ${part} is written %25`)
  }
}

function addressesIn(variable: string, hosts: string, defaultPort: number): Address[] {
  return hosts.split(',').map((one) => {
    const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(one) ?? []
    const host = bracketed ?? plain
    if (host === undefined) return refuse(variable, `a URL with host:port between commas, like ${SCHEMES}`)
    return { host, port: port === undefined ? defaultPort : Number(port) }
  })
}

function accessIn(variable: string, user: string | undefined, isTls: boolean): Access {
  const [username, ...rest] = (user ?? '').split(':')
  const password = rest.join(':')
  return {
    ...(username && { username: decode(variable, username) }),
    ...(password && { password: decode(variable, password) }),
    ...(isTls && { tls: {} }),
  }
}

/** The query of a URL, of which nothing may go on unread. */
function checkedParameters(variable: string, query: string, allowed: readonly string[]) {
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) {
    const isOnce = parameters.getAll(name).length === 1
    if (!isOnce || !allowed.includes(name))
      refuse(variable, `a URL with no parameter but ${allowed.join(' and ')}, each once at most`)
  }
  const tls = parameters.get('tls') ?? 'false'
  if (tls !== 'true' && tls !== 'false') refuse(variable, 'a URL whose parameter tls is true or false')
  const db = parameters.get('db') ?? '0'
  if (!/^\d{1,4}$/.test(db)) refuse(variable, 'a URL whose parameter db is a number')
  return { isTls: tls === 'true', db: Number(db) }
}

function readSeveral(variable: string, [, kind, user, hosts = '', path = '', query = '']: readonly string[]): Target {
  const allowed = kind === 'cluster' ? ['tls'] : ['tls', 'db']
  const { isTls, db } = checkedParameters(variable, query, allowed)
  const access = accessIn(variable, user, isTls)
  if (kind === 'cluster') {
    if (path !== '') refuse(variable, 'a URL without a path: a Cluster has one database')
    return { kind, nodes: addressesIn(variable, hosts, 6379), access }
  }
  const name = decode(variable, path)
  if (name === '' || name.includes('/')) {
    refuse(variable, 'a URL with the name of the master as its path: redis+sentinel://host:26379/name')
  }
  return { kind: 'sentinel', sentinels: addressesIn(variable, hosts, 26_379), name, db, access }
}

/** `sqlite:///path` from the root, `sqlite:path` from where the process was started. */
function readSqlite(variable: string, text: string): Target {
  const [, path] = /^sqlite:(?:\/\/(?=\/))?(?!\/\/)([^?#]+)$/.exec(text) ?? []
  if (path === undefined) {
    return refuse(
      variable,
      'a URL with a path and nothing else: sqlite:///path/to/file.db; a # or ? is written %23 or %3F',
    )
  }
  const decoded = decode(variable, path, 'path')
  return { kind: 'sqlite', path: /^\/[a-z]:[\\/]/i.test(decoded) ? decoded.slice(1) : decoded }
}

/**
 * @throws ShelflifeError `invalid-option`, which names the variable and the schemes and says nothing of what was
 * received: a URL holds a password
 */
export function readStoreUrl(variable: string, given: string): Target {
  // files with secrets end in a line break
  const text = given.trim()
  if (/^memory:(\/\/)?$/.test(text)) return { kind: 'memory' }
  if (text.startsWith('sqlite:')) return readSqlite(variable, text)
  const several = SEVERAL.exec(text)
  if (several !== null) return readSeveral(variable, several)
  if (!URL.canParse(text)) return refuse(variable, `a URL: ${SCHEMES}`)
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  // the store reads it
  if (protocol === 'redis:' || protocol === 'rediss:') return { kind: 'redis', url: text }
  if (protocol !== 'https:' && !(protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(hostname))) {
    return refuse(variable, `one of ${SCHEMES}`)
  }
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    refuse(variable, 'a URL without user and parameters; the token has a variable of its own')
  }
  return { kind: 'upstash', url: text }
}
