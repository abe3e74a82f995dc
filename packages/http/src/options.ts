import type { Cache, DefaultTier, Duration, LifetimeOptions } from '@shelflife/core'
import type { Lifetime } from '@shelflife/core/integration'

import type { CdnProvider } from './cdn-tags.ts'
import type { Incoming } from './incoming.ts'
import type { QueryOptions } from './response-key.ts'

/**
 * `safe`: for an application that caches its own routes; what a response says against storing wins over everything, and
 * clients cannot force a load. `rfc9111`: a shared cache that goes by header fields alone, as RFC 9111 has it.
 */
export type Profile = 'safe' | 'rfc9111'

/** What a handler read although nothing that selects its response tells its values apart. */
export interface UnkeyedInput {
  /** `property`: what something in front of the cache had left for the handler. */
  readonly kind: 'header' | 'property'
  /** The header in lower case, or the path of the property, such as `req.tenant`. */
  readonly name: string
  /** Path without query, of the first response of its route that was made of it. */
  readonly path: string
}

/** Options of a response cache. `Tier` are the names of the tiers of its cache. */
export interface ResponseCacheOptions<Tier extends string = DefaultTier> {
  /** Where responses are kept. They share tags, stores and `clear` with everything else in it. */
  readonly cache: Cache<Tier>
  /** Default `safe`. */
  readonly profile?: Profile
  /** What the cache is called in `Cache-Status` (RFC 9211): letters, digits, `.`, `_`, `-`. Default `shelflife`. */
  readonly name?: string
  /** A body of more bytes is passed through and not stored. A whole number from 1. Default 2 MiB. */
  readonly maxBodySize?: number
  /** A response that takes longer is passed through and not stored; who waits for it asks for itself. Default 30s. */
  readonly maxFillTime?: Duration
  /** Variants of one URI that are stored at most. A whole number from 1. Default 20. */
  readonly maxVariants?: number
  /**
   * Targeted fields that are obeyed before `Cache-Control`, in this order, such as `CDN-Cache-Control` (RFC 9213).
   * Default: none.
   */
  readonly targets?: readonly string[]
  /** Puts the tags of responses where this provider's purge looks for them. Default: nowhere. */
  readonly cdn?: CdnProvider
  /** What handlers may read on all routes, beside what `unkeyed` of each says. In any case. Default: none. */
  readonly unkeyed?: readonly string[]
  /** Is told of each header and property once per route, but of none that says who somebody is. Default: `console.warn`. */
  readonly onUnkeyedInput?: (input: UnkeyedInput) => void
}

/** Options of one route. `Request` is what the framework's handlers get. */
export interface RouteOptions<Tier extends string = DefaultTier, Request = Incoming> extends Pick<
  LifetimeOptions,
  'ttl' | 'staleWhileRevalidate' | 'staleIfError'
> {
  /** What its requests are counted under in statistics and metrics; several may share one. Default `response`. */
  readonly name?: string
  /** A named lifetime. What is stated beside it wins. Default `dynamic`; in `rfc9111` the response alone says. */
  readonly tier?: Tier
  /** How long answers such as 404 are kept when only this configuration says that they may be. Default 10s. */
  readonly negativeTtl?: Duration
  /** How long browsers may use their copy without asking, which nothing invalidates. Default 0: they always ask. */
  readonly browserTtl?: Duration
  /**
   * Whether a guard in front of the cache decides who may see it. A CDN that answers asks no guard, so it is given no
   * lifetime, whatever `cdn` of the cache is. Default false.
   */
  readonly guarded?: boolean
  /** Labels for invalidating across URIs. Handlers can add more. */
  readonly tags?: readonly string[] | ((request: Request) => readonly string[])
  /** Which parts of the query make the key. Default: all of it, as received. */
  readonly query?: QueryOptions
  /** Request headers that are part of the key. `Vary` of the response does the same from the first response on. */
  readonly headers?: readonly string[]
  /**
   * What becomes of requests with cookies. `ignore`: the handler does not see them. `{ vary: ['lang'] }`: these are part
   * of the key and the only ones that the handler sees. Default: answered from the store only with what the response gave
   * an `s-maxage` (in `rfc9111` also with what it called `public`), else by the handler.
   */
  readonly cookies?: 'ignore' | { readonly vary: readonly string[] }
  /** What becomes of a response that sets cookies. `strip`: stored without. Default `refuse`: not stored. */
  readonly setCookie?: 'refuse' | 'strip' | 'store'
  /** Statuses that are stored although they usually are not, such as 302 or 204. */
  readonly statuses?: readonly number[]
  /**
   * What becomes of a response whose handler read what neither `Vary` nor the key tells apart: a request header, or what
   * something in front of the cache has left on the request, its locals or the async context. `strict`: it is not stored,
   * and reported. `warn`: it is stored, and reported. `off`: nothing is watched. But for `off`, a response that was made of
   * what is called like who somebody is (user, session, tenant, token) is never stored. Default `strict`, in `rfc9111` `warn`.
   */
  readonly inputs?: 'warn' | 'strict' | 'off'
  /**
   * What the handler may read although it is not part of the key: headers such as `x-request-id`, properties and a status
   * by their paths, such as `req.tenant` and `res.statusCode`, `AsyncLocalStorage` for all of these or
   * `AsyncLocalStorage.tenants` for one. In any case. Default: none.
   */
  readonly unkeyed?: readonly string[]
}

/** Options of a response cache, resolved once. Milliseconds. */
export interface CachePolicy {
  readonly profile: Profile
  readonly name: string
  readonly maxBodySize: number
  readonly maxFillTime: number
  readonly maxVariants: number
  readonly targets: readonly string[]
  readonly cdn: CdnProvider | undefined
  readonly unkeyed: readonly string[]
}

/** Options of a route, resolved once. Milliseconds. */
export interface RoutePolicy {
  readonly name: string
  /** `undefined`: the response alone says how long it is kept. */
  readonly lifetime: Lifetime | undefined
  readonly negativeTtl: number
  readonly browserTtl: number
  readonly guarded: boolean
  readonly query: QueryOptions
  readonly headers: readonly string[]
  /** Names of headers whose values are in the key, or hidden from the handler as far as they are not. */
  readonly keyed: ReadonlySet<string>
  /** Cookies that are part of the key; `undefined`: nothing is declared. */
  readonly cookies: readonly string[] | undefined
  readonly setCookie: 'refuse' | 'strip' | 'store'
  readonly statuses: ReadonlySet<number>
  readonly inputs: 'warn' | 'strict' | 'off'
  readonly unkeyed: ReadonlySet<string>
  /** Whether it selects a response that something was left under a path. */
  tellsApart(path: string): boolean
}
