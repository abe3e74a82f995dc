/** Optional behaviours that `@shelflife/http` declines, in every framework. */
export const declined: readonly string[] = [
  // who posts is asked anew: RFC 9110 §9.3.3 asks for explicit freshness, and nobody relies on it
  'a fresh response to POST whose Content-Location is its own URL is given for GET',
  // the host is part of the key as it was received, because that is how the handler sees it (RFC 9111 §2)
  'the same host in other letters gets the stored response',
  // servers take the first of equal languages for the preferred one (RFC 9110 §12.5.4)
  'the order of Accept-Language: en, de and de, en match',
  // what can be neither served nor validated is not kept
  'max-stale accepts a response that arrived stale',
]
