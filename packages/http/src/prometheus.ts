import type { CacheStats, Counts, Health, StoreHealth } from '@shelflife/core'

import type { ResponseCount } from './response-counts.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number, suffix?: string | undefined]

interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** Media type of the text exposition format. */
export const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'

const COUNTERS = {
  hits: ['hits', 'Reads answered with a fresh value.'],
  staleHits: ['stale_hits', 'Reads answered with an old value.'],
  misses: ['misses', 'Reads that nothing was there for, failed ones included.'],
  loads: ['loads', 'Runs of the loader that ended, refreshes included.'],
  loadFailures: ['load_failures', 'Runs of the loader that failed.'],
  joined: ['joined', 'Reads that waited for a load of this process.'],
  waits: ['waits', 'Times this process waited for a load of another one.'],
  refused: ['refused', 'Loaded or set values not stored because of an invalidation.'],
  commits: ['commits', 'Values stored, loaded or set.'],
  skips: ['skips', 'Values handed out or set, and not stored.'],
  evictions: ['evictions', 'Entries that the local store dropped on its own.'],
} satisfies Record<Exclude<keyof Counts, 'loadTime'>, readonly [string, string]>

const STATES = ['up', 'degraded', 'down'] as const satisfies readonly StoreHealth['state'][]

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function lineOf(name: string, [labels, value, suffix = '']: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  const number = value === Infinity ? '+Inf' : String(value)
  return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${number}\n`
}

const textOf = ({ name, type, help, samples }: Metric): string =>
  samples.length === 0
    ? ''
    : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => lineOf(name, sample)).join('')}`

/** Bucket `i` of the statistics counts up to 2^i ms, for itself; Prometheus wants seconds, each with all below it. */
function histogram(name: string, { loadTime }: Counts): readonly Sample[] {
  const { buckets, count, total } = loadTime
  let sum = 0
  const upTo = buckets.slice(0, -1).map((inBucket, i): Sample => {
    sum += inBucket
    return [{ name, le: String(2 ** i / 1000) }, sum, '_bucket']
  })
  return [
    ...upTo,
    [{ name, le: '+Inf' }, count, '_bucket'],
    [{ name }, total / 1000, '_sum'],
    [{ name }, count, '_count'],
  ]
}

function ofStores(health: Health, valueOf: (store: StoreHealth) => number | undefined): readonly Sample[] {
  return health.stores.flatMap((store): readonly Sample[] => {
    const value = valueOf(store)
    return value === undefined ? [] : [[{ store: store.label ?? store.kind }, value]]
  })
}

/** What metrics are made of. */
export interface PrometheusInput {
  readonly stats: CacheStats
  readonly health: Health
  /** Of `responseCounts`. Default: none. */
  readonly responses?: readonly ResponseCount[]
  /** A label of all samples, that tells several caches of a process apart. Default: none. */
  readonly namespace?: string
}

const countersOf = (names: readonly (readonly [string, Counts])[]): readonly Metric[] =>
  Object.entries(COUNTERS).map(([count, [name, help]]): Metric => ({
    name: `shelflife_${name}_total`,
    type: 'counter',
    help,
    samples: names.map(([of, counts]): Sample => [{ name: of }, counts[count as keyof typeof COUNTERS]]),
  }))

const labelled = (metric: Metric, labels: Labels): Metric => ({
  ...metric,
  samples: metric.samples.map(([own, value, suffix]): Sample => [{ ...labels, ...own }, value, suffix]),
})

/**
 * Statistics and health of a cache in the text format of Prometheus, version 0.0.4. Counters by name of the wrapped
 * function, of responses by name of the route; names come from the code, so there are only so many.
 *
 * @example new Response(prometheusText({ stats: cache.stats(), health: cache.health(), responses: responseCounts(cache) }))
 */
export function prometheusText({ stats, health, responses = [], namespace }: PrometheusInput): string {
  const names = Object.entries(stats.names)
  const states = health.stores.flatMap(({ label, kind, state }) =>
    STATES.map((one): Sample => [{ store: label ?? kind, state: one }, one === state ? 1 : 0]),
  )
  const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
    name: `shelflife_${name}`,
    type: 'gauge',
    help,
    samples,
  })
  const metrics: readonly Metric[] = [
    ...countersOf(names),
    {
      name: 'shelflife_events_total',
      type: 'counter',
      help: 'What befell the cache, by the name of the event.',
      samples: Object.entries(stats.events).map(([event, count]): Sample => [{ event }, count]),
    },
    {
      name: 'shelflife_load_duration_seconds',
      type: 'histogram',
      help: 'How long loads took that did not fail.',
      samples: names.flatMap(([name, counts]) => histogram(name, counts)),
    },
    {
      name: 'shelflife_responses_total',
      type: 'counter',
      help: 'Requests by route, what answered them, and why not the store.',
      samples: responses.map(({ count, ...labels }): Sample => [labels, count]),
    },
    gauge('entries', 'Entries in the local store.', [[{}, stats.entries]]),
    gauge('bytes', 'Estimated bytes in the local store.', [[{}, stats.bytes]]),
    gauge('ok', 'Whether calls are answered from the cache at all.', [[{}, health.ok ? 1 : 0]]),
    gauge('store_state', 'Whether a store is in this state.', states),
    gauge(
      'store_latency_seconds',
      'How long a command to the remote store takes of late.',
      ofStores(health, latencyOf),
    ),
    gauge(
      'store_owed',
      'Invalidations that the remote store has to be told yet.',
      ofStores(health, ({ owed }) => owed),
    ),
  ]
  const labels: Labels = namespace === undefined ? {} : { namespace }
  return metrics.map((metric) => textOf(labelled(metric, labels))).join('')
}

const latencyOf = ({ latency }: StoreHealth): number | undefined => latency && latency / 1000
