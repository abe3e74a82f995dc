import { isValidTokenStr, serializeString } from 'structured-headers'

/** Why a request went to the handler (RFC 9211 §2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial'

/** How a cache handled a request. It has no place for the key, which is nobody's business (RFC 9211 §6). */
export interface CacheStatus {
  /** Answered without the handler, or else why not. */
  readonly outcome: 'hit' | ForwardReason
  /** The status that the handler answered. Only where it was asked. */
  readonly fwdStatus?: number | undefined
  /** Whether the handler's response was stored. */
  readonly stored?: boolean | undefined
  /** Whether the answer came from what was being loaded for another request. */
  readonly collapsed?: boolean | undefined
  /** Seconds that the response stays fresh, rounded down; negative when stale. */
  readonly ttl?: number | undefined
  /** Anything else, for people. */
  readonly detail?: string | undefined
}

/** The same of any moment. */
export type Handling = Omit<CacheStatus, 'ttl'>

const LONGEST_DETAIL = 128

/** A token where it can be one, else a string of what a string can hold. */
const textOf = (text: string): string =>
  isValidTokenStr(text) ? text : serializeString(text.replaceAll(/[^\x20-\x7e]/g, '?'))

function forwarding({ outcome, fwdStatus, stored, collapsed }: CacheStatus): string {
  let text = `;fwd=${outcome}`
  if (fwdStatus !== undefined && Number.isSafeInteger(fwdStatus)) text += `;fwd-status=${fwdStatus}`
  if (stored) text += ';stored'
  if (collapsed) text += ';collapsed'
  return text
}

/**
 * The member that a cache adds at the end of `Cache-Status` (RFC 9211).
 *
 * @param cacheName what the cache is called
 * @example cacheStatus('shelflife', { outcome: 'hit', ttl: 42.7 }) // 'shelflife;hit;ttl=42'
 * @example cacheStatus('shelflife', { outcome: 'uri-miss', stored: true }) // 'shelflife;fwd=uri-miss;stored'
 */
export function cacheStatus(cacheName: string, status: CacheStatus): string {
  const { outcome, ttl, detail } = status
  let text = textOf(cacheName) + (outcome === 'hit' ? ';hit' : forwarding(status))
  const seconds = Math.floor(ttl ?? Number.NaN)
  if (Number.isSafeInteger(seconds)) text += `;ttl=${seconds}`
  if (detail !== undefined) text += `;detail=${textOf(detail.slice(0, LONGEST_DETAIL))}`
  return text
}
