type Word = string | Buffer

/** What is used of a client of `createClient` of node-redis, so that one of another copy or minor version fits. */
export interface NodeRedisConnection {
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
}

/** What is used of a cluster of `createCluster`. */
export interface NodeRedisCluster {
  readonly isReady: boolean
  sendCommand(firstKey: Word, isReadonly: boolean, args: Word[], options: object): Promise<unknown>
  getNodeClientForKey(key: string): Promise<NodeRedisConnection>
  connect(): Promise<unknown>
  destroy(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: () => void): unknown
}
