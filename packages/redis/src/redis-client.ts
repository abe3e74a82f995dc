import type { Advice } from '@shelflife/core'

/** A command as Redis knows it: its name, then its arguments. */
export type RedisCommand = readonly [name: string, ...args: (string | Uint8Array)[]]

export interface RedisSubscription {
  readonly channel: string
  /** Use `SSUBSCRIBE`. Only asked of a Cluster whose server has it. */
  readonly sharded: boolean
  message(payload: string): void
}

export interface RedisSubscribed {
  /** Whether messages that are published now arrive, as far as the client knows. */
  active(): boolean
  /** Ends the subscription and its connection. May be called again; never rejects. */
  close(): Promise<void>
}

/**
 * What the store needs of a client: a package for one translates to this and does nothing else. It need not bound the
 * time that a command takes, nor repeat one: the cache has deadlines of its own, and every command may be lost or
 * arrive late.
 *
 * @example
 * function exampleClient(client: Example): RedisClient {
 *   return {
 *     label: 'example',
 *     cluster: false,
 *     ordered: true,
 *     send: (command) => client.sendBinary(command),
 *     close: async () => {},
 *   }
 * }
 */
export interface RedisClient {
  /** For messages, such as `ioredis`. */
  readonly label: string
  /** Whether keys live on several nodes, so that a command may only name keys of one slot. */
  readonly cluster: boolean
  /** Whether commands that are sent one after the other are carried out in that order. */
  readonly ordered: boolean
  /** Whether arguments can only be text; the store then writes bytes as text, and a script turns it back. Default false. */
  readonly textOnly?: boolean
  /** Of a Cluster: the addresses of its masters, as `host:port`, as far as the client knows. */
  nodes?(): readonly string[]
  /** Of a Cluster: the address of the node that a name belongs to; `undefined` while the client does not know. */
  nodeOf?(name: string): string | undefined
  /** Of a Cluster: the slot of a name. Together with `nodeOf`, or nothing is noticed of names that a node has from another one. */
  slotOf?(name: string): number
  /**
   * How many connections to the node of a name have ended until now. One that has answered something may have lost it
   * since. Absent where there are no connections.
   */
  lossesOf?(name: string): number
  /** Whether an application uses the same connections, and may select another database on them. Default false. */
  readonly shared?: boolean
  /** What about the settings of the client will hurt one day. */
  readonly advice?: readonly Advice[]
  /**
   * Sends one command to the node that `key` belongs to. Replies with `null`, a number, a `Uint8Array` for every string
   * in bulk (never text: values are not UTF-8), a string or bytes for a status, or an array of these. Rejects with the error of
   * the server, whose message starts with its code (`NOSCRIPT …`).
   */
  send(command: RedisCommand, key: string): Promise<unknown>
  /**
   * Starts a subscription on a connection of its own and keeps it up, subscribing again after every reconnect. What is
   * missed meanwhile need not be reported: the store numbers the messages. Absent where nothing can be pushed.
   */
  subscribe?(subscription: RedisSubscription): RedisSubscribed
  /** Ends the connections that this package made, and no other. May be called again. */
  close(): Promise<void>
}
