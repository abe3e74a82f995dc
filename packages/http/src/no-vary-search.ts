import type { BareItem, InnerList, Item } from 'structured-headers'
import { serializeDictionary } from 'structured-headers'

import type { QueryOptions } from './response-key.ts'

/** A name as a form encodes it: that is how the names in the field are read, and it is ASCII. */
const encoded = (name: string): string => new URLSearchParams([[name, '']]).toString().slice(0, -1)

const listOf = (names: readonly string[]): InnerList => [
  [...new Set(names)].map((name): Item => [encoded(name), new Map<string, BareItem>()]),
  new Map(),
]

const TRUE: Item = [true, new Map()]

/**
 * The value of `No-Vary-Search` for a query of which not everything counts, so that caches nearer to the client can do
 * the same (draft-ietf-httpbis-no-vary-search §2); `undefined` if all of it counts.
 *
 * Nested names of an allowed parameter (`page[from]`) also count here, which the field cannot say: a client that sends
 * them to such a route gets its own copy for `page` alone.
 *
 * @example noVarySearch({ ignore: ['utm_source'], sort: true }) // 'key-order, params=("utm_source")'
 */
export function noVarySearch({ allow, ignore = [], sort = false }: QueryOptions): string | undefined {
  const members = new Map<string, Item | InnerList>()
  if (sort) members.set('key-order', TRUE)
  const counted = allow?.filter((name) => !ignore.includes(name))
  if (counted !== undefined) members.set('params', TRUE)
  if (counted !== undefined && counted.length > 0) members.set('except', listOf(counted))
  if (counted === undefined && ignore.length > 0) members.set('params', listOf(ignore))
  return members.size === 0 ? undefined : serializeDictionary(members)
}
