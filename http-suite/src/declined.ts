/** Optional behaviours that `@shelflife/http` declines, in every framework. */
export const declined: readonly string[] = [
  // who posts is asked anew: RFC 9110 §9.3.3 asks for explicit freshness, and nobody relies on it
  'a fresh response to POST whose Content-Location is its own URL is given for GET',
  // servers take the first of equal languages for the preferred one (RFC 9110 §12.5.4)
  'the order of Accept-Language: en, de and de, en match',
  // what can be neither served nor validated is not kept
  'max-stale accepts a response that arrived stale',
]
