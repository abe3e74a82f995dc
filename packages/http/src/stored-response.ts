import type { CopyLifetimes } from './emitted-control.ts'
import type { HeaderList } from './header-list.ts'
import { areSendable } from './stored-headers.ts'

/** A complete response as it is kept. Seconds throughout. */
export interface StoredResponse {
  /** Of this form; entries of another one are not used. */
  readonly format: 1
  readonly status: number
  readonly headers: HeaderList
  readonly body: Uint8Array
  /** The request headers that select this response among the variants of its URI, lower case, sorted. */
  readonly vary: readonly string[]
  /** What those headers were in the request that it answered. */
  readonly variant: string
  /**
   * Part of the keys of the other variants. Drawn anew with a response that replaces none, so that when this one has
   * been invalidated the others cannot be found any more.
   */
  readonly generation: string
  /** What it was old already when it came (RFC 9111 §4.2.3). */
  readonly initialAge: number
  /** Freshness lifetime, from its generation on (RFC 9111 §4.2.1). */
  readonly lifetime: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** The headers that are ours and not the handler's, in lower case. */
  readonly added: readonly string[]
  /** How long copies may be used without asking, where the handler says nothing about it. */
  readonly copies: Pick<CopyLifetimes, 'browser' | 'shared'> | undefined
  /** Whether the response said itself that everybody may have it. */
  readonly isPublic: boolean
}

/** What a load comes to when its response is not to be stored. */
export interface Unstored {
  readonly format: 0
}

export const UNSTORED: Unstored = { format: 0 }

/** Values that were checked. Those in the local store are the same object at every hit. */
const sound = new WeakSet<object>()

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0

const areCopies = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return value === undefined
  const { browser, shared } = value as NonNullable<StoredResponse['copies']>
  return [browser, shared].every(isCount)
}

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

const areHeaders = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((pair) => areTexts(pair) && pair.length === 2) &&
  areSendable(value as unknown as HeaderList)

function isSound(value: object): boolean {
  const { format, status, headers, body, vary, variant, generation, isPublic, added, copies, ...rest } =
    value as StoredResponse
  const { initialAge, lifetime, staleWhileRevalidate, staleIfError } = rest
  return (
    format === 1 &&
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    areHeaders(headers) &&
    body instanceof Uint8Array &&
    areTexts(vary) &&
    areTexts([variant, generation]) &&
    typeof isPublic === 'boolean' &&
    areTexts(added) &&
    areCopies(copies) &&
    [initialAge, lifetime, staleWhileRevalidate, staleIfError].every(isCount)
  )
}

/** What came from a store, if it is a response that can be sent. A store may hold anything. */
export function asStoredResponse(value: unknown): StoredResponse | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (sound.has(value)) return value as StoredResponse
  if (!isSound(value)) return undefined
  sound.add(value)
  return value as StoredResponse
}
