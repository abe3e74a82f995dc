import type { RemoteStore } from '@shelflife/core'

export interface Login {
  readonly username: string
  readonly password: string
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** Of every store: so long that a server which a busy machine keeps waiting is not taken for one that is away. */
export const PATIENT = { budget: { read: '400ms', write: '800ms' } } as const

/** A store, and the end of what it was made of where that belongs to the user. */
export interface OpenedStore {
  readonly store: RemoteStore
  close?(): unknown
}

/** A way to a store. */
export interface TopologyKind {
  /** Whether the client belongs to the store. */
  readonly isOwn: boolean
  one(url: string): OpenedStore | Promise<OpenedStore>
  cluster(nodes: readonly Address[], login?: Login): OpenedStore | Promise<OpenedStore>
  /** Absent where it knows of none. */
  sentinel?(sentinels: readonly Address[], name: string): OpenedStore
}

/** A client that an application shares with a store, and puts into a state of its own. */
export interface SharedClient extends OpenedStore {
  /** Resolves when it collects what it is sent until `discard`. */
  multi(): Promise<unknown>
  discard(): Promise<unknown>
  select(database: number): Promise<unknown>
}

/** What the suite needs to know of a package. */
export interface TopologyClients {
  /** By what is special about them. */
  readonly kinds: Readonly<Record<string, TopologyKind>>
  shared(url: string): Promise<SharedClient>
  /** Whether a node that is removed may take with it what the client was asked meanwhile; the README of the package says so. */
  readonly losesWithNode?: boolean
  /** A file that calls `runTopologyProcess` with the same kinds. */
  readonly process: URL
}
