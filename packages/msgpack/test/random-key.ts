/** A key for tests. */
export const randomKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32))
