import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { prometheusText } from '../src/prometheus.ts'

interface Parsed {
  readonly types: ReadonlyMap<string, string>
  /** By name and labels as they are written. */
  readonly samples: ReadonlyMap<string, number>
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = String.raw`${NAME}="(?:[^"\\\n]|\\["\\n])*"`
const SAMPLE = new RegExp(
  String.raw`^(${NAME})(\{${LABEL}(?:,${LABEL})*\})? ([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN)$`,
)

/** Reads version 0.0.4 as strictly as Prometheus does, and refuses what appears twice or out of its group. */
function parse(text: string): Parsed {
  expect(text.endsWith('\n')).toBe(true)
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  let group = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, comment, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (comment === 'HELP') group = name!
    else if (comment === 'TYPE') {
      expect(types.has(name!)).toBe(false)
      expect(name).toBe(group)
      expect(rest).toMatch(/^(counter|gauge|histogram)$/)
      types.set(name!, rest!)
    } else {
      const [, sample, labels = '', value] = SAMPLE.exec(line) ?? expect.unreachable(line)
      const isOfGroup = sample === group || (types.get(group) === 'histogram' && sample!.startsWith(`${group}_`))
      expect(isOfGroup).toBe(true)
      expect(samples.has(`${sample}${labels}`)).toBe(false)
      samples.set(`${sample}${labels}`, value === '+Inf' ? Infinity : Number(value))
    }
  }
  return { types, samples }
}

function setUp() {
  const clock = fakeClock(100_000)
  const remote = createReferenceServer({ clock }).connect({ clock })
  const cache = createCache({ namespace: 'shop', clock, store: [memoryStore({ clock }), remote] })
  const scrape = (): Parsed => parse(prometheusText({ stats: cache.stats(), health: cache.health() }))
  return { clock, cache, scrape }
}

test('counters are those of the statistics, by name', async () => {
  const { cache, scrape } = setUp()
  const get = cache.cached(async (id: number) => id, { name: 'product' })
  await get(1)
  await get(1)
  await get(1)
  await get(2)
  const { types, samples } = scrape()
  expect(types.get('shelflife_hits_total')).toBe('counter')
  expect(samples.get('shelflife_hits_total{name="product"}')).toBe(2)
  expect(samples.get('shelflife_misses_total{name="product"}')).toBe(2)
  expect(samples.get('shelflife_loads_total{name="product"}')).toBe(2)
  expect(samples.get('shelflife_load_failures_total{name="product"}')).toBe(0)
  expect(samples.get('shelflife_entries')).toBe(2)
  expect(types.get('shelflife_bytes')).toBe('gauge')
})

test('load times are a cumulative histogram in seconds', async () => {
  const { clock, cache, scrape } = setUp()
  const get = cache.cached(async (ms: number) => clock.advance(ms), { name: 'slow', hardTimeout: '1h', ttl: '1d' })
  for (const ms of [0, 1, 3, 1000, 40_000, 200_000]) await get(ms)
  const { types, samples } = scrape()
  const upTo = (le: string): number | undefined =>
    samples.get(`shelflife_load_duration_seconds_bucket{name="slow",le="${le}"}`)
  expect(types.get('shelflife_load_duration_seconds')).toBe('histogram')
  expect([upTo('0.001'), upTo('0.002'), upTo('0.004'), upTo('0.512'), upTo('1.024')]).toEqual([1, 2, 3, 3, 4])
  expect([upTo('32.768'), upTo('+Inf')]).toEqual([4, 6])
  expect(samples.get('shelflife_load_duration_seconds_count{name="slow"}')).toBe(6)
  expect(samples.get('shelflife_load_duration_seconds_sum{name="slow"}')).toBeCloseTo(241.004)
  const all = [...samples].filter(([sample]) => sample.includes('_bucket{name="slow"')).map(([, count]) => count)
  expect(all).toEqual(all.toSorted((a, b) => a - b))
})

test('the state of each store, and what it is owed', async () => {
  const { cache, scrape } = setUp()
  await cache.cached(async () => 1, { name: 'value' })()
  const { samples } = scrape()
  expect(samples.get('shelflife_ok')).toBe(1)
  expect(samples.get('shelflife_store_state{store="local",state="up"}')).toBe(1)
  expect(samples.get('shelflife_store_state{store="reference",state="up"}')).toBe(1)
  expect(samples.get('shelflife_store_state{store="reference",state="down"}')).toBe(0)
  expect(samples.get('shelflife_store_owed{store="reference"}')).toBe(0)
  expect(samples.get('shelflife_store_latency_seconds{store="reference"}')).toBeGreaterThanOrEqual(0)
  await cache.close()
  expect(scrape().samples.get('shelflife_ok')).toBe(0)
})

test('a cache that has done nothing is well-formed too', () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const { types, samples } = parse(prometheusText({ stats: cache.stats(), health: cache.health() }))
  expect(samples.get('shelflife_entries')).toBe(0)
  expect(types.has('shelflife_hits_total')).toBe(false)
})

test('labels are escaped', () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const health = { ok: true, stores: [{ kind: 'remote', label: 'a"b\\c\nd} 1', state: 'up' }] } as const
  const { samples } = parse(prometheusText({ stats: cache.stats(), health }))
  expect(samples.get(String.raw`shelflife_store_state{store="a\"b\\c\nd} 1",state="up"}`)).toBe(1)
})
