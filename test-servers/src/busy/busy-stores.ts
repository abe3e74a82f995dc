import type { RemoteStore } from '@shelflife/core'
import type { RedisStoreOptions } from '@shelflife/redis'

import type { BusyScale } from './busy-sizes.ts'

/** The client that a store is made of, by itself. */
export interface BareClient {
  get(key: string): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  unlink(key: string): Promise<unknown>
  close(): unknown
}

/** What the suite needs to know of a store. */
export interface BusyStores {
  /** A store on a URL, with its default budgets unless told otherwise. */
  open(url: string, options?: RedisStoreOptions): RemoteStore
  /** A store that shares entries with it, straight on Redis. Default: the same. */
  besides?(url: string, options: RedisStoreOptions): RemoteStore
  /** The client by itself, on the same URL. */
  bare(url: string): Promise<BareClient>
  /** A file that calls `runBusyProcess` with the same `open`. */
  readonly process: URL
  readonly scale: BusyScale
  /** Whether the URL has to be that of the REST front of a Redis, with the token `REST_TOKEN`. Default false. */
  readonly isRest?: boolean
}

export const REST_TOKEN = 'token-of-the-busy'
