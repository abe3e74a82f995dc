import type { Clock } from '@shelflife/core'
import { RedisError } from './reply.ts'

type Hash = Map<string, Uint8Array>

interface Item {
  readonly value: Uint8Array | Hash
  /** When it is gone, on the clock of the server. */
  readonly until: number
}

/** The data of one node. Names are text in which every byte is one character. */
export interface Keyspace {
  string(name: string): Uint8Array | undefined
  hash(name: string): Hash | undefined
  has(name: string): boolean
  /** How long it lives, `Infinity` for what never ends; `undefined` where nothing is. */
  left(name: string): number | undefined
  put(name: string, value: Uint8Array | Hash, keep: number): void
  /** Gives it another life. */
  keep(name: string, keep: number): void
  remove(name: string): boolean
  names(): readonly string[]
  /** Remembers what is there now. What it returns puts that back. */
  snapshot(): () => void
}

export function createKeyspace(clock: Clock): Keyspace {
  const items = new Map<string, Item>()

  function find(name: string): Item | undefined {
    const item = items.get(name)
    if (item !== undefined && clock.now() >= item.until) items.delete(name)
    return items.get(name)
  }

  function only<T extends Item['value']>(name: string, isRight: (value: Item['value']) => value is T): T | undefined {
    const value = find(name)?.value
    if (value === undefined || isRight(value)) return value
    throw new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value')
  }

  return {
    string: (name) => only(name, (value) => value instanceof Uint8Array),
    hash: (name) => only(name, (value) => value instanceof Map),
    has: (name) => find(name) !== undefined,
    left(name) {
      const item = find(name)
      return item && item.until - clock.now()
    },
    put: (name, value, keep) => void items.set(name, { value, until: clock.now() + keep }),
    keep(name, keep) {
      const item = find(name)
      if (item !== undefined) items.set(name, { value: item.value, until: clock.now() + keep })
    },
    remove: (name) => find(name) !== undefined && items.delete(name),
    names: () => [...items.keys()].filter((name) => find(name) !== undefined),
    snapshot() {
      const then = new Map(items)
      return () => {
        items.clear()
        for (const [name, item] of then) items.set(name, item)
      }
    },
  }
}
