import type { LocalStore, RemoteStore } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import type { Settings } from './presets.ts'
import type { Target } from './store-url.ts'
import type { Values } from './variables.ts'

/** Says what to install. */
const missing =
  (askedBy: string, packages: string) =>
  (cause: unknown): never => {
    const what = `${askedBy} needs a package that could not be loaded`
    throw new ShelflifeError('invalid-option', `${what}: npm install ${packages}`, { cause })
  }

/* `catch` stands at each import, so that bundlers go on where a package is missing. */

export async function loadLocal(settings: Settings, values: Values): Promise<LocalStore> {
  const { memoryStore } = await import('@shelflife/memory').catch(missing('the local store', '@shelflife/memory'))
  return memoryStore({
    maxEntries: values.SHELFLIFE_MAX_ENTRIES ?? settings.maxEntries,
    maxBytes: values.SHELFLIFE_MAX_BYTES ?? settings.maxBytes,
  })
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
    const { sqliteStore } = await import('@shelflife/sqlite').catch(missing(chosenBy, '@shelflife/sqlite'))
    return sqliteStore(target.path, own)
  }
  const options = { ...own, ...(prefix !== undefined && { prefix }) }
  if (target.kind === 'upstash') {
    const { upstashStore } = await import('@shelflife/upstash').catch(
      missing(chosenBy, '@shelflife/upstash @upstash/redis'),
    )
    const stampede = values.SHELFLIFE_STAMPEDE ?? settings.stampede
    return upstashStore({ url: target.url, token: token ?? '' }, { ...options, stampede })
  }
  const { ioredisStore } = await import('@shelflife/ioredis').catch(missing(chosenBy, '@shelflife/ioredis ioredis'))
  if (target.kind === 'redis') return ioredisStore(target.url, options)
  const { access } = target
  if (target.kind === 'cluster') {
    return ioredisStore({ nodes: target.nodes, options: { redisOptions: { ...access } } }, options)
  }
  const { sentinels, name, db } = target
  const tls = access.tls && { sentinelTLS: access.tls, enableTLSForSentinelMode: true }
  return ioredisStore({ sentinels: [...sentinels], name, db, ...access, ...tls }, options)
}
