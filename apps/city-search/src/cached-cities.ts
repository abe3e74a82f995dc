import { createCache, type CacheOptions, type LoadContext } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import type { Cities, NearestArgs } from './cities.ts'
import { allCountriesTag, cityTag, countryTag, searchTag, tagsChangedBy } from './tags.ts'

/** Memory, and behind it Redis where there is one: all processes on it share their answers and hear of each write. */
function chooseStore(redisUrl: string | undefined): CacheOptions['store'] {
  return redisUrl ? [memoryStore(), ioredisStore(redisUrl)] : memoryStore()
}

export type CachedCitiesOptions = { readonly redisUrl?: string | undefined; readonly namespace?: string }

/** Remembers the answers of `source`. Everything the service knows about caching is in this file and in the tags. */
export function cachedCities(
  source: Cities,
  { redisUrl, namespace = 'city-search' }: CachedCitiesOptions = {},
): Cities {
  const cache = createCache({ namespace, store: chooseStore(redisUrl), logger: console })

  // Which cities are near is known only after the query, so this one takes the context, to add tags from the answer.
  async function loadNearest(context: LoadContext, args: NearestArgs) {
    const cities = await source.nearest(args)
    context.tag(...cities.map(({ id }) => cityTag(id)))
    return cities
  }

  return {
    nearest: cache.cached(loadNearest, { name: 'nearest', tier: 'static', context: true }),

    search: cache.cached(source.search, {
      name: 'search',
      tier: 'semiStatic',
      tags: ({ q }) => [searchTag(q)],
    }),

    population: cache.cached(source.population, {
      name: 'population',
      tier: 'dynamic',
      tags: ({ country }) => [country ? countryTag(country) : allCountriesTag],
    }),

    // The write is acknowledged after the invalidation: whoever reads after that, reads the new population.
    async setPopulation(args) {
      const city = await source.setPopulation(args)
      if (city) await cache.invalidateTags(tagsChangedBy(city))
      return city
    },

    stats: () => ({ ...source.stats(), cache: cache.stats() }),

    async close() {
      await cache.close()
      await source.close()
    },
  }
}
