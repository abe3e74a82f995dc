import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache, Cached, LoadContext } from '@shelflife/core'
import type { Random } from './random.ts'
import type { Value } from './report.ts'
import { machineTime } from './time.ts'

/** One kind of key, as a user would have several in a service. */
export interface Shelf {
  readonly name: string
  readonly get: Cached<[n: number], Value>
  /** Keys of the shelf with the tag that is only known after a load. */
  readonly hasLateTag: boolean
}

/** How many keys a shelf has, in how many groups; the first ones are invalidated often, the others now and then. */
export const [KEYS, GROUPS, BUSY] = [10, 3, 2]
export const LATE_TAG = 'late/tag'
export const REGION = 'eu'

export const keyOf = (shelf: string, n: number): string => `${shelf}(${n})`
export const groupOf = (shelf: string, n: number): string => `${shelf}/${n % GROUPS}`
export const allKeys = (shelf: string): string[] => Array.from({ length: KEYS }, (_, n) => keyOf(shelf, n))

const FAILURES = 0.03
export const isExpected = (error: unknown): boolean => error instanceof Error && error.message === 'source is down'

interface CatalogueInput {
  readonly cache: Cache
  readonly random: Random
  readonly loaded: (error?: unknown) => void
}

/** Wraps the source three times: kept until invalidated, short-lived with everything stale, and in a namespace. */
export function createCatalogue({ cache, random, loaded }: CatalogueInput): readonly Shelf[] {
  /** Mostly quick; slow loads are what invalidations and kills fall into. */
  const duration = (): number => (random.chance(0.1) ? random.between(50, 250) : random.between(0, 8))

  async function readSource(key: string, failures: number): Promise<Value> {
    const began = machineTime()
    await sleep(duration())
    const error = random.chance(failures) ? new Error('source is down') : undefined
    loaded(error)
    if (error !== undefined) throw error
    return { key, began }
  }

  const tagsOf = (shelf: string) => (n: number) => [groupOf(shelf, n)]

  return [
    {
      name: 'kept',
      hasLateTag: true,
      get: cache.cached(
        async (context: LoadContext<Value>, n: number) => {
          const value = await readSource(keyOf('kept', n), 0)
          context.tag(LATE_TAG)
          return value
        },
        { name: 'kept', tier: 'manual', context: true, tags: tagsOf('kept') },
      ),
    },
    {
      name: 'brief',
      hasLateTag: false,
      get: cache.cached((n: number) => readSource(keyOf('brief', n), FAILURES), {
        name: 'brief',
        ttl: '300ms',
        staleWhileRevalidate: '500ms',
        staleIfError: '5s',
        earlyRefresh: 0.2,
        tags: tagsOf('brief'),
      }),
    },
    {
      name: 'region',
      hasLateTag: false,
      get: cache.namespace(REGION).cached((n: number) => readSource(keyOf('region', n), 0), {
        name: 'region',
        tier: 'semiStatic',
        tags: tagsOf('region'),
      }),
    },
  ]
}
