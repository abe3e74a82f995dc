import type { RemoteStore } from '@shelflife/core'
import { ShelflifeError, systemClock, toMilliseconds } from '@shelflife/core'
import { checkNames, optionNames } from '@shelflife/core/integration'
import type { RedisStoreOptions } from '@shelflife/redis'
import { redisStore } from '@shelflife/redis'

import { upstashClient } from './upstash-client.ts'

/** The REST endpoint of a database, as the console of Upstash shows it. */
export interface UpstashTarget {
  /** `https://….upstash.io` */
  readonly url: string
  /** The standard token; the read-only one can store nothing. */
  readonly token: string
}

/** Options of `upstashStore`: those of every Redis store, and what waiting costs. */
export interface UpstashStoreOptions extends Omit<RedisStoreOptions, 'waitForReplicas'> {
  /** How long one command may take until the cache does without. Default `{ read: '500ms', write: '1s' }`. */
  readonly budget?: NonNullable<RedisStoreOptions['budget']>
  /**
   * `lease`: of all processes that miss a key one loads, and the others ask again and again until it has, with a request
   * each time. `local`: one load for each process, and no requests for waiting. Default `lease`.
   */
  readonly stampede?: 'lease' | 'local'
}

const BUDGET = { read: 500, write: 1000 }
const BUDGET_NAMES = new Set(Object.keys(BUDGET))
const OPTIONS = optionNames<UpstashStoreOptions>({
  budget: true,
  maxValueBytes: true,
  codec: true,
  keySecret: true,
  clock: true,
  prefix: true,
  stampede: true,
})

function refuse(mustBe: string): never {
  throw new ShelflifeError('invalid-option', mustBe)
}

/** What the client takes; of anything else its error would be made, with the text in it. */
const isUrl = (text: string): boolean => /^https?:\/\/[^\s/@?#$.][^\s/@?#]+\/?$/.test(text) && URL.canParse(text)

/** Without a word of what was received: a URL may have been mixed up with a token. */
function checkTarget(target: UpstashTarget): UpstashTarget {
  // files with secrets end with white space
  const [url, token] = [target?.url, target?.token].map((text) => (typeof text === 'string' ? text.trim() : undefined))
  if (url === undefined || !isUrl(url)) {
    refuse('url must be the REST URL of a database, like https://name.upstash.io; received something else')
  }
  if (token === undefined || !/^\S+$/.test(token)) refuse('token must be the REST token of the database, as text')
  return { url, token }
}

/**
 * A remote store on Upstash Redis, over HTTP: for edge runtimes and serverless functions, and wherever a connection
 * cannot be kept. Shares entries with the other Redis stores on the same database.
 *
 * Nothing is pushed over HTTP: local copies live for `maxDrift` at most, and who waits for another process asks again.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`. A database that cannot be reached is not an error.
 * @example
 * upstashStore({ url: process.env.UPSTASH_REDIS_REST_URL, token: process.env.UPSTASH_REDIS_REST_TOKEN })
 */
export function upstashStore(target: UpstashTarget, options: UpstashStoreOptions = {}): RemoteStore {
  checkNames('options of upstashStore()', options, OPTIONS)
  const { stampede = 'lease', budget: stated = BUDGET, ...others } = options
  checkNames('budget', stated, BUDGET_NAMES)
  const { clock = systemClock } = others
  if (stampede !== 'lease' && stampede !== 'local') refuse("stampede must be 'lease' or 'local'")
  const budget = { ...BUDGET, ...stated }
  const patience = Math.max(toMilliseconds(budget.read, 'budget.read'), toMilliseconds(budget.write, 'budget.write'))
  const client = upstashClient({ ...checkTarget(target), patience, clock })
  // what it would ask a server about is not told over HTTP, and each request costs
  const { advise: _, ...store } = redisStore(client, { ...others, budget })
  return {
    ...store,
    leases: stampede === 'lease',
    onAnswer(heard) {
      const stops = [store.onAnswer?.(heard), client.onPart(() => heard(''))]
      return () => {
        for (const stop of stops) stop?.()
      }
    },
  }
}
