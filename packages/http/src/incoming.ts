/** A request, as light as a framework can make it: building a `Request` for every hit would cost more than the hit. */
export interface Incoming {
  /** In capital letters. */
  readonly method: string
  /** Whether it is certainly a GET without any header that the cache goes by; then it is asked for none. Default: false. */
  readonly isPlain?: boolean
  /** `http` or `https`. */
  readonly scheme: string
  /** `Host` as it was received. */
  readonly authority: string
  /** Path and query as they were received, never decoded. */
  readonly target: string
  /** A header by its name in lower case; several lines joined with `, ` (`; ` for `cookie`). */
  header(name: string): string | undefined
}
