import type { RedisClient } from '@shelflife/redis'

import type { RedisServer, RedisServerOptions } from './start-redis.ts'

export interface Closes {
  close(): unknown
}

/** A client that a user made, and what the package under test makes of it. */
export interface GivenClient extends Closes {
  readonly client: RedisClient
  /** Ends the client of the user. */
  close(): unknown
  /** Whether it can still be used. */
  works(): Promise<boolean>
}

export interface RedisClientSuiteOptions {
  /** A client that belongs to the package. */
  own(url: string): RedisClient
  /** By what is special about them, clients that do not. */
  readonly given: Readonly<Record<string, (url: string) => Promise<GivenClient>>>
}

/** What the parts of the suite share. Everything that is made ends with the test. */
export interface RedisClientSuite {
  server(): RedisServer
  start(options?: RedisServerOptions): Promise<RedisServer>
  own(url: string): RedisClient
  given(name: string, url: string): Promise<GivenClient>
  /** By name, ways to a client for the server. */
  readonly kinds: readonly string[]
  connect(kind: string, url?: string): Promise<RedisClient>
  closing<T extends Closes>(one: T): T
}
