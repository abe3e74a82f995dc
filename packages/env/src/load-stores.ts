import type { LocalStore, RemoteStore } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import type { Settings } from './presets.ts'
import { contradict } from './refuse.ts'
import type { Target } from './store-url.ts'
import type { Values } from './variables.ts'

/** Says what to install; of what is there and does not load, as in a bundle that has no `require` for it, why. */
function missing(askedBy: string, packages: string, cause: unknown): never {
  const { code, message } = Object(cause) as { readonly code?: unknown; readonly message?: unknown }
  const why = String(code).endsWith('MODULE_NOT_FOUND') ? '' : `; where it is installed: ${String(message)}`
  const what = `${askedBy} needs a package that could not be loaded: npm install ${packages}${why}`
  throw new ShelflifeError('invalid-option', what, { cause })
}

/* `try` stands around each import: there bundlers go on where a package is missing. */

async function memory() {
  try {
    return await import('@shelflife/memory')
  } catch (cause) {
    return missing('the local store', '@shelflife/memory', cause)
  }
}

async function upstash(askedBy: string) {
  try {
    return await import('@shelflife/upstash')
  } catch (cause) {
    return missing(askedBy, '@shelflife/upstash @upstash/redis', cause)
  }
}

async function ioredis(askedBy: string) {
  try {
    return await import('@shelflife/ioredis')
  } catch (cause) {
    return missing(askedBy, '@shelflife/ioredis ioredis', cause)
  }
}

async function sqlite(askedBy: string) {
  try {
    return await import('@shelflife/sqlite')
  } catch (cause) {
    return missing(askedBy, '@shelflife/sqlite', cause)
  }
}

export async function loadLocal(settings: Settings, values: Values): Promise<LocalStore> {
  const { memoryStore } = await memory()
  return memoryStore({
    maxEntries: values.SHELFLIFE_MAX_ENTRIES ?? settings.maxEntries,
    maxBytes: values.SHELFLIFE_MAX_BYTES ?? settings.maxBytes,
  })
}

/** A store of a URL that it may refuse, which it says without a part of it. */
function ofUrl(variable: string, make: () => RemoteStore): RemoteStore {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof ShelflifeError)) throw error
    return contradict(variable, error.message.replace(/^(?:the URL|url) /, ''))
  }
}

/** What the environment says of a remote store. */
export interface RemoteInput {
  readonly target: Exclude<Target, { readonly kind: 'memory' }>
  /** The variable that the target comes from. */
  readonly chosenBy: string
  readonly token: string | undefined
  readonly settings: Settings
  readonly values: Values
}

export async function loadRemote({ target, chosenBy, token, settings, values }: RemoteInput): Promise<RemoteStore> {
  const { SHELFLIFE_PREFIX: prefix, SHELFLIFE_KEY_SECRET: keySecret, SHELFLIFE_MAX_VALUE_BYTES: maxValueBytes } = values
  const own = {
    budget: {
      read: values.SHELFLIFE_READ_BUDGET ?? settings.read,
      write: values.SHELFLIFE_WRITE_BUDGET ?? settings.write,
    },
    ...(keySecret !== undefined && { keySecret }),
    ...(maxValueBytes !== undefined && { maxValueBytes }),
  }
  if (target.kind === 'sqlite') {
    const { sqliteStore } = await sqlite(chosenBy)
    return sqliteStore(target.path, own)
  }
  const options = { ...own, ...(prefix !== undefined && { prefix }) }
  if (target.kind === 'upstash') {
    const { upstashStore } = await upstash(chosenBy)
    const stampede = values.SHELFLIFE_STAMPEDE ?? settings.stampede
    return ofUrl(chosenBy, () => upstashStore({ url: target.url, token: token ?? '' }, { ...options, stampede }))
  }
  const { ioredisStore } = await ioredis(chosenBy)
  if (target.kind === 'redis') return ofUrl(chosenBy, () => ioredisStore(target.url, options))
  const { access } = target
  if (target.kind === 'cluster') {
    return ioredisStore({ nodes: target.nodes, options: { redisOptions: { ...access } } }, options)
  }
  const { sentinels, name, db } = target
  const tls = access.tls && { sentinelTLS: access.tls, enableTLSForSentinelMode: true }
  return ioredisStore({ sentinels: [...sentinels], name, db, ...access, ...tls }, options)
}
