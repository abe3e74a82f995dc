type Word = string | Buffer

/** What is used of a client of `createClient` of node-redis, so that one of another copy or minor version fits. */
export interface NodeRedisConnection {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly options: { readonly socket?: object | undefined }
  sendCommand(args: Word[], options: object): Promise<unknown>
  duplicate(options: object): NodeRedisConnection
  connect(): Promise<unknown>
  destroy(): void
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  sSubscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect' | 'sharded-channel-moved', listener: () => void): unknown
  off(event: 'connect', listener: () => void): unknown
}

/** A node of a cluster; `address` is how the others call it. */
interface NodeRedisNode {
  readonly address: string
  readonly client?: NodeRedisConnection | undefined
}

export interface NodeRedisAddress {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

/** What is used of a cluster of `createCluster`. */
export interface NodeRedisCluster {
  readonly isOpen: boolean
  readonly isReady: boolean
  /** Empty until they are known. */
  readonly slots: readonly ({ readonly master: NodeRedisNode } | undefined)[]
  readonly masters: readonly NodeRedisNode[]
  readonly nodeByAddress: ReadonlyMap<string, { readonly client?: unknown }>
  /** `rediscover` asks a node of the cluster whose the slots are. */
  readonly _slots: { rediscover(startWith: never): Promise<unknown> }
  sendCommand(firstKey: Word, isReadonly: boolean, args: Word[], options: object): Promise<unknown>
  nodeClient(node: never): Promise<NodeRedisConnection>
  getNodeClientForKey(key: string): Promise<NodeRedisConnection>
  connect(): Promise<unknown>
  destroy(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: () => void): unknown
  on(event: 'node-connect', listener: (at: NodeRedisAddress) => void): unknown
  off(event: 'node-connect', listener: (at: NodeRedisAddress) => void): unknown
}
