import { checkNames, optionNames } from '@shelflife/core/integration'

import { purgeBatches } from './cdn-tags.ts'
import type { Purge, PurgeClientOptions } from './purge-request.ts'
import { checkPurgeOptions, sendPurge } from './purge-request.ts'

/** Options of `cloudflarePurge`. */
export interface CloudflarePurgeOptions extends PurgeClientOptions {
  /** Id of the zone. */
  readonly zone: string
  /** API token with the permission `Zone.Cache Purge`. Never in an error. */
  readonly token: string
}

/** developers.cloudflare.com/cache/how-to/purge-cache: operations per request, on every plan. */
const BATCH = 100

const OPTIONS = optionNames<CloudflarePurgeOptions>({ zone: true, token: true, fetch: true, clock: true })

const isSuccess = (answer: unknown): boolean => (answer as { success?: unknown } | null | undefined)?.success === true

/**
 * Purges by `Cache-Tag` from Cloudflare, 100 tags per request.
 *
 * @throws ShelflifeError `invalid-option`
 * @example purgeOnInvalidation(cache, { purge: cloudflarePurge({ zone, token }), onError: log })
 */
export function cloudflarePurge(options: CloudflarePurgeOptions): Purge {
  checkNames('options of cloudflarePurge()', options, OPTIONS)
  const { zone, token, ...client } = options
  checkPurgeOptions({ zone, token }, client)
  return async (names, signal) => {
    for (const tags of purgeBatches('cloudflare', { names, size: BATCH })) {
      const request = {
        provider: 'Cloudflare',
        url: `https://api.cloudflare.com/client/v4/zones/${zone}/purge_cache`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: { tags },
        isDone: isSuccess,
      }
      await sendPurge(request, { ...client, signal })
    }
  }
}
