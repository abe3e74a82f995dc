const BYTES = 12
/** Asking for random bytes takes longer than all the rest of an id. */
const IDS_AT_ONCE = 100

let pool = new Uint8Array(0)
let used = 0

/** 96 random bits: ids are stored with every entry, so they are short. */
export function newId(): string {
  if (used === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(BYTES * IDS_AT_ONCE))
    used = 0
  }
  used += BYTES
  return btoa(String.fromCharCode(...pool.subarray(used - BYTES, used)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
