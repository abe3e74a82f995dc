import { createCache, ShelflifeError } from '@shelflife/core'
import type {
  BearerOptions,
  FetchHandler,
  PurgeOnInvalidationOptions,
  ResponseCacheOptions,
  RouteOptions,
} from '@shelflife/http'
import {
  bearer,
  cacheAdmin,
  cachedFetch,
  checkInvalidates,
  cloudflarePurge,
  createResponseCache,
  fastlyPurge,
  purgeOnInvalidation,
} from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import { expect, test } from 'vitest'

import { WRONG_VALUES } from '../../core/test/wrong-values.ts'

const cacheOf = () => createCache({ namespace: 'shop', store: memoryStore() })
const ofCache = (options: object) => () => createResponseCache({ cache: cacheOf(), ...options } as ResponseCacheOptions)
const ofRoute = (options: unknown) => () => createResponseCache({ cache: cacheOf() }).route(options as RouteOptions)
const ofWrite = (options: unknown) => () => checkInvalidates(options as object)
const ofPurge = (options: unknown) => () => purgeOnInvalidation(cacheOf(), options as PurgeOnInvalidationOptions)
const ofCloudflare = (options: object) => () => cloudflarePurge({ zone: 'a1', token: 'secret', ...options })
const ofFastly = (options: object) => () => fastlyPurge({ service: 'a1', token: 'secret', ...options })
const ofBearer = (options: unknown) => () => bearer(options as BearerOptions)
const ofHandler = (handler: unknown) => () =>
  cachedFetch(createResponseCache({ cache: cacheOf() }), {}, handler as FetchHandler)
const purge = async (): Promise<void> => {}
const ofAdmin = (options: object) => () => cacheAdmin({ cache: cacheOf(), authorize: () => undefined, ...options })

test.each<[message: string, make: () => unknown]>([
  ["there is no option 'ttl'", ofCache({ ttl: '1m' })],
  ["there is no option 'cookies'", ofCache({ cookies: 'ignore' })],
  [
    'options of a response cache must be { cache }; received the cache itself',
    () => createResponseCache(cacheOf() as unknown as ResponseCacheOptions),
  ],
  ['cache must be what createCache() gives; received undefined', ofCache({ cache: undefined })],
  [
    'this cache has its responses already; call cacheResponses() or createResponseCache() once for each cache and share',
    () => {
      const cache = cacheOf()
      createResponseCache({ cache: cache.namespace('admin') })
      createResponseCache({ cache })
      createResponseCache({ cache })
    },
  ],
  ["cdn must be one of 'cloudflare', ", ofCache({ cdn: 'akamay' })],
  ['maxVariants must be a whole number from 1; received 5', ofCache({ maxVariants: 5n })],
  ['targets must be a list; received "CDN-Cache-Control"', ofCache({ targets: 'CDN-Cache-Control' })],
  ['unkeyed must be names of headers, or paths', ofCache({ unkeyed: [Symbol('x')] })],
  ['onUnkeyedInput must be a function', ofCache({ onUnkeyedInput: 'warn' })],
  ['name must be letters', ofCache({ name: 5 })],
  ['options of a route must be an object; received null', ofRoute(null)],
  ["there is no option 'tll'", ofRoute({ tll: '1m' })],
  ['headers must be a list; received "accept"', ofRoute({ headers: 'accept' })],
  ['headers must be names of headers; received 5', ofRoute({ headers: [5] })],
  ['statuses must be a list; received 302', ofRoute({ statuses: 302 })],
  ['tags must be a list, or a function that returns one; received 5', ofRoute({ tags: 5 })],
  ['query must be an object', ofRoute({ query: 'page' })],
  ["query: there is no option 'allowed'", ofRoute({ query: { allowed: ['page'] } })],
  ['query.allow must be a list; received "page"', ofRoute({ query: { allow: 'page' } })],
  ['query.sort must be true or false', ofRoute({ query: { sort: 'yes' } })],
  ['query.ignore must be names of parameters; received 5', ofRoute({ query: { ignore: [5] } })],
  ["cookies must be 'ignore' or", ofRoute({ cookies: 'x' })],
  ["cookies: there is no option 'ignore'", ofRoute({ cookies: { vary: ['lang'], ignore: true } })],
  ['cookies.vary must be names of cookies; received 5', ofRoute({ cookies: { vary: [5] } })],
  ['headers must be names of headers; received "*"', ofRoute({ headers: ['accept', '*'] })],
  ['ttl must be a positive number', ofRoute({ ttl: -1 })],
  ["options of invalidates(): there is no option 'tag'", ofWrite({ tag: ['a'] })],
  ['tags must be a list', ofWrite({ tags: { a: 1 } })],
  ['purge must be a function; received undefined', ofPurge({})],
  ['onError must be a function; received undefined', ofPurge({ purge })],
  ["options of purgeOnInvalidation(): there is no option 'onFailure'", ofPurge({ purge, onFailure: purge })],
  ['options of purgeOnInvalidation() must be an object', ofPurge(undefined)],
  ["options of cloudflarePurge(): there is no option 'zones'", ofCloudflare({ zones: [] })],
  ['fetch must be a function', ofCloudflare({ fetch: 'fetch' })],
  ["options of fastlyPurge(): there is no option 'softly'", ofFastly({ softly: true })],
  ['soft must be true or false; received "no"', ofFastly({ soft: 'no' })],
  ['options of bearer() must be an object', ofBearer(undefined)],
  ["options of bearer(): there is no option 'token'", ofBearer({ token: 'secret' })],
  ['handler must be a function; received undefined', ofHandler(undefined)],
  ["options of cacheAdmin(): there is no option 'tokens'", ofAdmin({ tokens: [] })],
])('what is no option, or a wrong one, is told when it is given: %s', (message, make) => {
  expect(make).toThrow(expect.objectContaining({ name: 'ShelflifeError', message: expect.stringContaining(message) }))
})

test.each<[of: string, names: string, make: (options: object) => () => unknown]>([
  ['a response cache', 'cache name cdn targets unkeyed maxVariants maxFillTime onUnkeyedInput profile', ofCache],
  [
    'a route',
    'tier ttl staleWhileRevalidate staleIfError jitter sliding tags headers statuses query cookies unkeyed',
    ofRoute,
  ],
  ['a route, too', 'inputs profile setCookie maxBodySize', ofRoute],
  ['invalidates()', 'tags paths', ofWrite],
  ['purgeOnInvalidation()', 'purge onError', ofPurge],
  ['cloudflarePurge()', 'zone token fetch', ofCloudflare],
  ['fastlyPurge()', 'service token soft fetch', ofFastly],
  ['bearer()', 'tokens', ofBearer],
  ['cacheAdmin()', 'cache authorize audit onError', ofAdmin],
])('whatever is given as an option of %s, a ShelflifeError or nothing is thrown', (_, names, make) => {
  const others: unknown[] = []
  for (const name of names.split(' ')) {
    for (const value of WRONG_VALUES) {
      try {
        make({ [name]: value })()
      } catch (error) {
        if (!(error instanceof ShelflifeError)) others.push([name, value, error])
      }
    }
  }
  expect(others).toEqual([])
})
