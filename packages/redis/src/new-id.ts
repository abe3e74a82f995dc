const BYTES = 12
/** Asking for random bytes takes longer than all the rest of an id. */
const IDS_AT_ONCE = 100
/** Those of base64url (RFC 4648 §5), six bits each. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

let pool = new Uint8Array(0)
let used = 0

/** 96 random bits: ids are stored with every entry, so they are short. Letter by letter: `btoa` takes three times as long. */
export function newId(): string {
  if (used === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(BYTES * IDS_AT_ONCE))
    used = 0
  }
  let id = ''
  for (const end = used + BYTES; used < end; used += 3) {
    const bits = ((pool[used] as number) << 16) | ((pool[used + 1] as number) << 8) | (pool[used + 2] as number)
    for (let shift = 18; shift >= 0; shift -= 6) id += LETTERS[(bits >> shift) & 63]
  }
  return id
}
