import type { CacheOptions } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'

/** What the children are told: a Redis, and whether there is a local store in front of it. */
export interface StoreSetup {
  readonly url: string
  readonly isLocal: boolean
}

export const storesOf = ({ url, isLocal }: StoreSetup): CacheOptions['store'] =>
  isLocal ? [memoryStore(), ioredisStore(url)] : ioredisStore(url)
