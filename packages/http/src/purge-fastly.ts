import { checkNames, optionNames, refuseOption } from '@shelflife/core/integration'

import { purgeBatches } from './cdn-tags.ts'
import type { Purge, PurgeClientOptions } from './purge-request.ts'
import { checkPurgeOptions, sendPurge } from './purge-request.ts'

/** Options of `fastlyPurge`. */
export interface FastlyPurgeOptions extends PurgeClientOptions {
  /** Id of the service. */
  readonly service: string
  /** API token with the scope `purge_select`. Never in an error. */
  readonly token: string
  /**
   * Marks responses as stale instead of removing them, so that Fastly may go on serving them for the windows they state:
   * faster, but no longer an exact invalidation. Default false.
   */
  readonly soft?: boolean
}

/** fastly.com/documentation/reference/api/purging: keys per request. */
const BATCH = 256

const OPTIONS = optionNames<FastlyPurgeOptions>({ service: true, token: true, soft: true, fetch: true, clock: true })

/**
 * Purges by `Surrogate-Key` from Fastly, 256 keys per request.
 *
 * @throws ShelflifeError `invalid-option`
 * @example purgeOnInvalidation(cache, { purge: fastlyPurge({ service, token }), onError: log })
 */
export function fastlyPurge(options: FastlyPurgeOptions): Purge {
  checkNames('options of fastlyPurge()', options, OPTIONS)
  const { service, token, soft = false, ...client } = options
  if (typeof soft !== 'boolean') refuseOption('soft', 'true or false', soft)
  checkPurgeOptions({ service, token }, client)
  return async (names, signal) => {
    for (const keys of purgeBatches('fastly', { names, size: BATCH })) {
      const request = {
        provider: 'Fastly',
        url: `https://api.fastly.com/service/${service}/purge`,
        headers: {
          'fastly-key': token,
          'content-type': 'application/json',
          accept: 'application/json',
          ...(soft && { 'fastly-soft-purge': '1' }),
        },
        body: { surrogate_keys: keys },
        // the status says it all; the body has an id for each key
        isDone: () => true,
      }
      await sendPurge(request, { ...client, signal })
    }
  }
}
