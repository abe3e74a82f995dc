/** What is used of any client of ioredis. */
export interface IoredisCommander {
  readonly status: string
  readonly isCluster: boolean
  createBuiltinCommand(name: string): { readonly buffer: unknown }
  connect(): Promise<unknown>
  disconnect(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect' | 'ready' | 'close' | 'end', listener: () => void): unknown
  off(event: 'connect' | 'close', listener: () => void): unknown
}

/** What is used of a `Redis` of ioredis, so that one of another copy or minor version fits as well. */
export interface IoredisConnection extends IoredisCommander {
  readonly options: {
    readonly host?: string | undefined
    readonly port?: number | undefined
    readonly keyPrefix?: string | undefined
    readonly stringNumbers?: boolean | undefined
    readonly enableOfflineQueue?: boolean | undefined
    readonly maxRetriesPerRequest?: number | null | undefined
    readonly autoResendUnfulfilledCommands?: boolean | undefined
    readonly sentinels?: readonly object[] | null | undefined
    readonly reconnectOnError?: unknown
  }
  asking(): Promise<unknown>
  duplicate(options: object): IoredisConnection
  subscribe(channel: string): Promise<unknown>
  ssubscribe(channel: string): Promise<unknown>
  ping(): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect' | 'ready' | 'close' | 'end', listener: () => void): unknown
  on(event: 'message' | 'smessage', listener: (channel: string, message: string) => void): unknown
  once(event: 'end' | 'moved', listener: () => void): unknown
}

/** What is used of a `Cluster` of ioredis. */
export interface IoredisCluster extends IoredisCommander {
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly enableOfflineQueue?: boolean | undefined
    slotsRefreshInterval?: number | undefined
    readonly redisOptions?:
      | {
          readonly stringNumbers?: boolean | undefined
          readonly maxRetriesPerRequest?: number | null | undefined
          readonly autoResendUnfulfilledCommands?: boolean | undefined
        }
      | undefined
  }
  /** By slot the nodes that serve it, as `host:port`, the master first. Empty until the slots are known. */
  readonly slots: (readonly string[] | undefined)[]
  nodes(role: 'master' | 'all'): IoredisConnection[]
  refreshSlotsCache(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect' | 'ready' | 'close' | 'end' | 'refresh', listener: () => void): unknown
  on(event: '+node' | '-node', listener: (node: IoredisConnection) => void): unknown
  off(event: 'connect' | 'close' | 'refresh', listener: () => void): unknown
  off(event: '+node' | '-node', listener: (node: IoredisConnection) => void): unknown
}
