import type { Cache, CacheOptions, DefaultTier, TierOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { checkNames, optionNames, requireObject } from '@shelflife/core/integration'

import { loadLocal, loadRemote } from './load-stores.ts'
import type { Settings } from './presets.ts'
import { PRESETS } from './presets.ts'
import { contradict, refuse } from './refuse.ts'
import type { Target } from './store-url.ts'
import { readStoreUrl } from './store-url.ts'
import type { Environment, Values } from './variables.ts'
import { readVariables, refuseIdle, textOf } from './variables.ts'

/** What the program says; everything else is for the environment to say. */
export interface EnvCacheOptions<Tier extends string = never> extends Pick<
  CacheOptions<Tier>,
  'tiers' | 'codec' | 'isolation' | 'guard' | 'require' | 'logger' | 'waitUntil'
> {
  /** Default: `SHELFLIFE_NAMESPACE`, which goes before this. One of them is needed. */
  readonly namespace?: string
  /** Where the variables are. Default: `process.env`. On Workers: the `env` of the handler or of `cloudflare:workers`. */
  readonly env?: Environment
}

const OPTIONS = optionNames<EnvCacheOptions>({
  namespace: true,
  env: true,
  tiers: true,
  codec: true,
  isolation: true,
  guard: true,
  require: true,
  logger: true,
  waitUntil: true,
})

interface Chosen {
  readonly target: Target
  /** The variable that says so. */
  readonly by: string
  readonly token?: string | undefined
}

const URL_NAME = 'UPSTASH_REDIS_REST_URL'
const TOKEN_NAME = 'UPSTASH_REDIS_REST_TOKEN'
const REDIS_NAME = 'REDIS_URL'

/** `SHELFLIFE_URL`, else what Upstash sets, else what hosts of Redis set, else memory. */
function choose(env: Environment, values: Values): Chosen {
  const own = values.SHELFLIFE_URL
  const token = values.SHELFLIFE_TOKEN ?? textOf(env, TOKEN_NAME)
  const [by, url] = own === undefined ? [URL_NAME, textOf(env, URL_NAME)] : ['SHELFLIFE_URL', own]
  if (url === undefined) {
    const set = values.SHELFLIFE_TOKEN === undefined ? TOKEN_NAME : 'SHELFLIFE_TOKEN'
    if (token !== undefined) contradict(set, `is set and neither SHELFLIFE_URL nor ${URL_NAME} is`)
    const redis = textOf(env, REDIS_NAME)
    if (redis !== undefined) return { target: readStoreUrl(REDIS_NAME, redis), by: REDIS_NAME }
    return { target: { kind: 'memory' }, by: 'SHELFLIFE_URL, which is not set,' }
  }
  const target = readStoreUrl(by, url)
  if (own === undefined && target.kind !== 'upstash')
    refuse(by, 'the REST URL of a database, like https://name.upstash.io')
  if (target.kind !== 'upstash') return { target, by }
  const other = textOf(env, URL_NAME)
  if (values.SHELFLIFE_TOKEN === undefined && other !== undefined && other !== url) {
    contradict(by, `is another database than ${URL_NAME}; its token must be in SHELFLIFE_TOKEN`)
  }
  if (token === undefined)
    contradict(by, `is the URL of an Upstash database, which needs its token in SHELFLIFE_TOKEN or ${TOKEN_NAME}`)
  if (!/^\S+$/.test(token)) refuse(TOKEN_NAME, 'the REST token of the database, without spaces')
  return { target, by, token }
}

/** Those of the preset, those of the program over them, and single lifetimes over both. */
function tiersOf(
  { tiers: preset, ownTier }: Settings,
  own: Readonly<Record<string, TierOptions>> = {},
  values: Values,
): Record<string, TierOptions> {
  const ttls = {
    realtime: values.SHELFLIFE_TTL_REALTIME,
    dynamic: values.SHELFLIFE_TTL_DYNAMIC,
    semiStatic: values.SHELFLIFE_TTL_SEMI_STATIC,
    static: values.SHELFLIFE_TTL_STATIC,
    reference: values.SHELFLIFE_TTL_REFERENCE,
    absent: values.SHELFLIFE_TTL_ABSENT,
  }
  const tiers: Record<string, TierOptions> = { ...preset }
  for (const [name, options] of Object.entries(own)) tiers[name] = { ...(tiers[name] ?? ownTier), ...options }
  for (const [name, ttl] of Object.entries(ttls)) if (ttl !== undefined) tiers[name] = { ...tiers[name], ttl }
  return tiers
}

const processEnv = (): Environment =>
  (globalThis as { readonly process?: { readonly env?: Environment } }).process?.env ?? {}

/**
 * Creates the cache that the environment asks for: `SHELFLIFE_URL`, or what Upstash or hosts of Redis set (`REDIS_URL`),
 * chooses the stores, `SHELFLIFE_PRESET` the bounds, budgets and lifetimes, and single variables change what the preset
 * says. Packages are loaded only where they are used.
 *
 * @throws ShelflifeError `invalid-option` for variables that are unknown, wrong or contradict each other, and for a
 * package that is not installed. It names the variable and what is allowed, and never says what was received.
 * @example export const cache = await createCacheFromEnv({ namespace: 'shop' })
 */
export async function createCacheFromEnv<Tier extends string = never>(
  options: EnvCacheOptions<Tier> = {},
): Promise<Cache<DefaultTier | Tier>> {
  checkNames('options of createCacheFromEnv()', options, OPTIONS)
  const { env = processEnv(), namespace: own, tiers, ...rest } = options
  requireObject('env', env)
  if (tiers !== undefined) requireObject('tiers', tiers)
  const values = readVariables(env)
  const namespace = values.SHELFLIFE_NAMESPACE ?? own
  if (namespace === undefined) contradict('SHELFLIFE_NAMESPACE', 'must be set, or the option namespace')
  const { target, by, token } = choose(env, values)
  const isLocal = values.SHELFLIFE_LOCAL !== 'off'
  const isRemote = target.kind !== 'memory'
  if (!isLocal && !isRemote) contradict('SHELFLIFE_LOCAL', `is off, and ${by} has no other store`)
  const isRedis = isRemote && target.kind !== 'sqlite'
  const front = isLocal && isRemote
  const isUpstash = target.kind === 'upstash'
  refuseIdle(values, { local: isLocal, remote: isRemote, front, redis: isRedis, upstash: isUpstash }, by)

  const settings = PRESETS[values.SHELFLIFE_PRESET ?? 'web']
  const local = isLocal ? await loadLocal(settings, values) : undefined
  const remote = isRemote ? await loadRemote({ target, chosenBy: by, token, settings, values }) : undefined
  const { SHELFLIFE_SOFT_TIMEOUT: softTimeout, SHELFLIFE_HARD_TIMEOUT: hardTimeout } = values
  const { SHELFLIFE_MAX_LIFETIME: maxLifetime } = values
  const cacheOptions: CacheOptions<Tier> = {
    ...rest,
    namespace,
    store: (local && remote ? [local, remote] : (local ?? remote)) as CacheOptions['store'],
    tiers: tiersOf(settings, tiers, values) as NonNullable<CacheOptions<Tier>['tiers']>,
    ...(softTimeout !== undefined && { softTimeout }),
    ...(hardTimeout !== undefined && { hardTimeout }),
    ...(maxLifetime !== undefined && { maxLifetime }),
    ...(isRemote && {
      maxDrift: values.SHELFLIFE_MAX_DRIFT ?? settings.maxDrift,
      partitionTtl: values.SHELFLIFE_PARTITION_TTL ?? settings.partitionTtl,
      lease: values.SHELFLIFE_LEASE ?? settings.lease,
    }),
  }
  try {
    return createCache(cacheOptions)
  } catch (error) {
    // a client that nobody holds would keep the process alive
    await remote?.close()
    throw error
  }
}
